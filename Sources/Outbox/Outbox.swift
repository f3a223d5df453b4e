package import FoundationEssentials
import GRDB
import Ledger
package import Primitives
package import Signing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An author's durable queue: batches that are signed and have no receipt yet, the place its chain of headers has reached,
/// and how far each source file has been captured.
///
/// A batch is on the disk before anybody else sees it, in one transaction with what it is made of. While an outbox is open
/// nobody else can open it, so one key never signs two batches of one sequence number. One SQLite file for each ledger and
/// key, readable by its owner only.
package final class Outbox: Sendable {
  /// The ledger that the batches are for.
  package let ledgerID: Digest
  /// The author's key.
  package let key: PrivateKey
  let database: DatabaseQueue

  /// Opens, or makes, the outbox of one ledger and key in `directory`.
  ///
  /// Fails with OUTBOX_LOCKED while another process has it open, STATE_DIRECTORY_UNUSABLE, OUTBOX_UNUSABLE or
  /// OUTBOX_MISMATCH.
  package init(directory: URL, ledgerID: Digest, key: PrivateKey) throws(Failure) {
    self.ledgerID = ledgerID
    self.key = key
    try StateDirectory.create(directory)
    let ids = [ledgerID.description, key.publicKey.id.description].map { $0.prefix(16) }
    let path = directory.appending(path: "\(ids[0])-\(ids[1]).outbox").path
    try Self.makePrivateFile(path)
    let (ledger, author) = (ledgerID.bytes, key.publicKey.id.digest.bytes)
    database = try Self.perform {
      let database = try DatabaseQueue(path: path, configuration: Self.configuration)
      try database.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE; COMMIT") }
      try Self.migrator.migrate(database)
      return database
    }
    try perform { database in
      let identity = try Row.fetchOne(database, sql: "SELECT ledgerID, keyID FROM author")
      guard let identity else {
        try database.execute(
          sql: "INSERT INTO author (id, ledgerID, keyID) VALUES (1, ?, ?)", arguments: [Data(ledger), Data(author)])
        return
      }
      guard identity["ledgerID"] == Data(ledger), identity["keyID"] == Data(author) else {
        throw Failure(.corrupt, "OUTBOX_MISMATCH", "\(path) belongs to another ledger or key")
      }
    }
  }

  /// Runs `body` as one transaction that is on the disk when it returns.
  func perform<Value>(_ body: (Database) throws -> Value) throws(Failure) -> Value {
    try Self.perform { try database.write(body) }
  }

  private static func perform<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do { return try body() } catch let failure as Failure { throw failure } catch let error as DatabaseError {
      throw Failure(error)
    } catch {
      throw Failure(.bug, "UNEXPECTED_ERROR", "the outbox: \(error)")
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "cairn.outbox"
    configuration.busyMode = .immediateError
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  /// SQLite gives its other files the permissions of the first.
  private static func makePrivateFile(_ path: String) throws(Failure) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(.preconditionFailed, "OUTBOX_UNUSABLE", "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("batches, the author's chain and source files") { database in
      try database.execute(
        sql: """
          CREATE TABLE author (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            ledgerID BLOB NOT NULL,
            keyID BLOB NOT NULL,
            nextSequence INTEGER,
            lastDigest BLOB
          ) STRICT;
          CREATE TABLE source (
            digest BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            eventCount INTEGER NOT NULL,
            eventsDone INTEGER NOT NULL,
            firstPosition INTEGER,
            lastPosition INTEGER
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE batch (
            sequence INTEGER PRIMARY KEY,
            headerDigest BLOB NOT NULL,
            previousDigest BLOB,
            bytes BLOB NOT NULL,
            recordCount INTEGER NOT NULL,
            source BLOB REFERENCES source (digest),
            eventsBefore INTEGER
          ) STRICT;
          """)
    }
    return migrator
  }
}

extension Failure {
  fileprivate init(_ error: DatabaseError) {
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .conflict, "OUTBOX_LOCKED",
        "another cairn is at work with this key and ledger; wait until it has ended, or use a key of its own")
    case .SQLITE_FULL, .SQLITE_IOERR:
      self.init(
        .exhausted, "OUTBOX_NOT_WRITTEN",
        "the outbox could not be written (\(error.message ?? "no room")); nothing of this step was sent")
    default:
      self.init(
        .corrupt, "OUTBOX_UNUSABLE",
        "the outbox cannot be read (\(error.message ?? "SQLite \(error.resultCode)")); when its file is moved away, the "
          + "next run goes on from what the ledger has")
    }
  }
}
