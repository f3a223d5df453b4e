import Foundation
import GRDB
import Ledger
package import Primitives
import Synchronization

/// A node's ledger on disk: the only SQL there is.
///
/// One writer appends groups of applied batches; any number of readers see whole groups only.
package final class Store: Sendable {
  let pool: DatabasePool
  /// Where everything is.
  package let directory: DataDirectory
  /// Whether the write-ahead log must be cut because it holds what was erased.
  let erasureIsDue = Atomic(false)
  private let lock: DirectoryLock
  /// How many may read at once.
  static let maximumReaders = 4

  /// Opens the ledger in `directory` and holds it until released. With `create` it makes an empty one first and refuses
  /// where one is already.
  package init(_ directory: DataDirectory, create: Bool = false) throws(Failure) {
    self.directory = directory
    if !create { try directory.requireLedger() }
    lock = try DirectoryLock(directory)
    let exists = FileManager.default.fileExists(atPath: directory.ledger.path)
    if create, exists {
      throw Failure(
        .alreadyExists, "LEDGER_EXISTS", "\(directory.ledger.path) exists; a ledger is created once and never replaced")
    }
    pool = try Failure.mapping {
      let pool = try DatabasePool(path: directory.ledger.path, configuration: Self.configuration)
      // GRDB sets NORMAL when it switches to WAL. An acknowledgement means that the bytes are on disk: FULL.
      try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
      try Schema.migrator.migrate(pool)
      return pool
    }
    // Whoever crashed may have left there what it had erased.
    let isCut = try Failure.mapping { try pool.writeWithoutTransaction { try Self.cutJournal($0) } }
    erasureIsDue.store(!isCut, ordering: .relaxed)
  }

  /// Moves everything from the write-ahead log into the database file: after a peaceful stop there is nothing to recover.
  package func settle() throws(Failure) {
    try Failure.mapping { try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
    erasureIsDue.store(false, ordering: .relaxed)
  }

  /// The value of SQLite's `synchronous` setting on the writing connection; 2 is FULL.
  package func synchronousLevel() throws(Failure) -> Int? {
    try Failure.mapping { try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } }
  }

  /// Reads one consistent state of the ledger.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (LedgerReader) throws -> Value
  ) async throws(Failure) -> Value {
    do { return try await pool.read { try body(LedgerReader(db: $0)) } } catch { throw Failure(storage: error) }
  }

  /// Reads one consistent state of the ledger, in the calling thread.
  package func readNow<Value>(_ body: (LedgerReader) throws -> Value) throws(Failure) -> Value {
    try Failure.mapping { try pool.read { try body(LedgerReader(db: $0)) } }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.maximumReaderCount = maximumReaders
    configuration.prepareDatabase { db in
      // The page size of a new database; without effect on one that exists.
      try db.execute(sql: "PRAGMA page_size = 8192")
      // In KiB. What leads to the chunks of five million events is 12 MiB; the chunks that are read beside it should not
      // drive it out, and all readers together should not take up much. The writer's pages are at the log's end.
      try db.execute(sql: "PRAGMA cache_size = \(db.configuration.readonly ? -16_384 : -8_192)")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      // What is erased is overwritten with zeros. Appending deletes nothing, so it costs nothing.
      try db.execute(sql: "PRAGMA secure_delete = ON")
    }
    return configuration
  }
}

extension Failure {
  /// Runs `body` and states a storage error in our terms.
  static func mapping<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do { return try body() } catch { throw Failure(storage: error) }
  }

  /// An error of the storage engine in our terms; failures pass unchanged.
  init(storage error: any Error) {
    if let failure = error as? Failure {
      self = failure
      return
    }
    if error is CancellationError {
      self = Failure(.unavailable, "INTERRUPTED", "the call was ended")
      return
    }
    guard let error = error as? DatabaseError else {
      self = Failure(.unavailable, "STORAGE_FAILED", "storage failed: \(error)")
      return
    }
    let what = "\(error.extendedResultCode): \(error.message ?? "no message")"
    if error.isForWantOfRoom {
      self = Failure(
        .unavailable, "DISK_FULL",
        "the node's disk is full (\(what)); send it again when there is room: its receipt tells",
        retryAfterMilliseconds: 5_000)
      return
    }
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
      self = Failure(.corrupt, "DATABASE_CORRUPT", "the node's database is damaged; run cairnd check: \(what)")
    case .SQLITE_INTERRUPT, .SQLITE_ABORT:
      self = Failure(.unavailable, "INTERRUPTED", "the read was interrupted: \(what)")
    default:
      self = Failure(
        .unavailable, "STORAGE_FAILED", "the node's storage failed: \(what)", retryAfterMilliseconds: 5_000)
    }
  }
}

extension DatabaseError {
  /// Whether the disk is full; with no room at all SQLite cannot even make the index of the write-ahead log.
  var isForWantOfRoom: Bool { resultCode == .SQLITE_FULL || extendedResultCode == .SQLITE_IOERR_SHMSIZE }
}
