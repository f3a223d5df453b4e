import Foundation
import GRDB
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension SubscriptionStore {
  /// Opens, or makes, the database, and reads all of it: corrupt SUBSCRIPTIONS_DAMAGED where that cannot be done.
  static func openDatabase(_ file: URL, for ledger: Digest) throws(Failure) -> DatabaseQueue {
    try makePrivateFile(file.path)
    do {
      let database = try DatabaseQueue(path: file.path, configuration: configuration)
      try SubscriptionSchema.migrator.migrate(database)
      try database.write { db in
        try claim(db, for: ledger, path: file.path)
        try readAll(db)
      }
      return database
    } catch { throw Failure(error, subscriptions: file) }
  }

  /// Gives a damaged file and its journal another name, in the place of what was set aside before. The file goes last: none
  /// is made anew beside an old journal.
  static func setAside(_ file: URL) throws(Failure) {
    let aside = file.path + PostingIndex.brokenSuffix
    let files = FileManager.default
    do {
      for suffix in ["-wal", "-shm", ""] {
        if files.fileExists(atPath: aside + suffix) { try files.removeItem(atPath: aside + suffix) }
        guard files.fileExists(atPath: file.path + suffix) else { continue }
        try files.moveItem(atPath: file.path + suffix, toPath: aside + suffix)
      }
    } catch {
      throw Failure(
        .preconditionFailed, "SUBSCRIPTIONS_UNUSABLE",
        "\(file.path) is damaged and cannot be set aside: \(error.localizedDescription)")
    }
  }

  /// Reads every page and every row, and changes nothing; throws where that cannot be done.
  static func readAll(_ db: Database) throws {
    let flaws = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)").filter { $0 != "ok" }
    if let flaw = flaws.first { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: flaw) }
    guard try db.tableExists("subscription") else { return }
    let rows = try Row.fetchCursor(db, sql: "SELECT \(StoredSubscription.columns) FROM subscription")
    while let row = try rows.next() { _ = try StoredSubscription(row) }
  }

  /// Writes the ledger's id into a new database, and compares it in an old one.
  private static func claim(_ db: Database, for ledger: Digest, path: String) throws {
    guard let owner = try Data.fetchOne(db, sql: "SELECT id FROM ledger") else {
      return try db.execute(sql: "INSERT INTO ledger VALUES (?)", arguments: [Data(ledger.bytes)])
    }
    guard Digest(owner) == ledger else {
      throw Failure(
        .preconditionFailed, "SUBSCRIPTIONS_MISMATCH",
        "\(path) holds the subscriptions of another ledger; move it away, and this node makes a new one")
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "subscriptions"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF")
    }
    return configuration
  }

  /// SQLite gives its other files the permissions of the first.
  private static func makePrivateFile(_ path: String) throws(Failure) {
    let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw Failure(
        .preconditionFailed, "SUBSCRIPTIONS_UNUSABLE", "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    close(file)
  }
}

extension Store {
  /// What is wrong with the file of subscriptions; a node that has none yet has nothing wrong with it.
  func brokenSubscriptions() throws(Failure) -> [String] {
    let file = directory.subscriptions
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      try DatabaseQueue(path: file.path, configuration: configuration).read(SubscriptionStore.readAll)
      return []
    } catch {
      let failure = Failure(error, subscriptions: file)
      guard failure.kind == .corrupt else { throw failure }
      return [failure.message]
    }
  }
}

extension Failure {
  /// An error of the subscriptions' database in our terms, which names its file; failures that are about no damage pass
  /// unchanged.
  init(_ error: any Error, subscriptions file: URL) {
    let failure = Failure(storage: error)
    guard failure.kind == .corrupt else {
      self = failure
      return
    }
    let what = (error as? DatabaseError).map { "SQLite: \($0.message ?? $0.resultCode.description)" }
    self = Failure(
      .corrupt, "SUBSCRIPTIONS_DAMAGED",
      "\(file.lastPathComponent) is damaged (\(what ?? "a row holds what it cannot")); the ledger is whole. A start of the node "
        + "renames the file to \(file.lastPathComponent)\(PostingIndex.brokenSuffix) and makes a new one, in which members make "
        + "their subscriptions again")
  }
}
