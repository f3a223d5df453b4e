import Foundation
import GRDB
import Primitives
import Signing

/// The SQL of the item index: one table of segments, one of fixed-size blocks.
///
/// A block's row is written once for a segment and belongs to it until the segment is merged away and its last
/// reader has gone; then the row is overwritten in place. A block that no segment names is free, so an
/// interrupted merge leaves nothing to repair.
struct IndexDatabase: Sendable {
  /// "CAI4": says whose file it is, and which format. A file of another format, or with other terms, is made anew.
  static let applicationID: Int32 = 0x4341_4934
  /// Every reader keeps a page cache of its own, so there are few.
  static let maximumReaders = 4

  let connection: any DatabaseWriter

  /// Opens the file, or a database in memory for a nil path, and makes the tables where there are none.
  init(path: String?, ledger: Digest) throws(Failure) {
    connection = try Failure.index {
      var configuration = Configuration()
      configuration.label = "index"
      configuration.maximumReaderCount = Self.maximumReaders
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA page_size = 8192; PRAGMA cache_size = -1024; PRAGMA wal_autocheckpoint = 2048")
        try db.execute(sql: "PRAGMA secure_delete = ON")
      }
      guard let path else { return try DatabaseQueue(configuration: configuration) }
      return try DatabasePool(path: path, configuration: configuration)
    }
    try Failure.index {
      try connection.write(Self.checkOwner)
      try Self.migrator(ledger).migrate(connection)
      try connection.read { try Self.check($0, ledger) }
    }
  }

  private static func migrator(_ ledger: Digest) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("segments and blocks") { db in
      try db.execute(
        sql: """
          CREATE TABLE ledger (id BLOB NOT NULL) STRICT;
          CREATE TABLE segment (
            id INTEGER PRIMARY KEY,
            level INTEGER NOT NULL,
            start INTEGER NOT NULL,
            through INTEGER NOT NULL,
            postings INTEGER NOT NULL,
            fences BLOB NOT NULL,
            filters BLOB NOT NULL,
            blocks BLOB NOT NULL,
            checksum BLOB NOT NULL
          ) STRICT;
          CREATE TABLE block (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
          """)
      try db.execute(sql: "INSERT INTO ledger VALUES (?)", arguments: [Data(ledger.bytes)])
    }
    return migrator
  }

  /// Marks an empty file as ours before anything else is in it, so that a crash cannot leave one that is not.
  private static func checkOwner(_ db: Database) throws {
    if try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
    guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
      throw Failure.indexCorrupt("the file is not an item index of this version; delete it and it will be rebuilt")
    }
  }

  private static func check(_ db: Database, _ ledger: Digest) throws {
    guard let owner = try Data.fetchOne(db, sql: "SELECT id FROM ledger"), Digest(owner) == ledger else {
      throw Failure.indexCorrupt("the file is the index of another ledger; delete it and it will be rebuilt")
    }
  }
}

extension IndexDatabase {
  /// Reads, checks and decodes one block.
  static func postings(_ db: Database, _ segment: Segment, block: Int) throws -> [Posting] {
    try withBlock(db, segment, block) { bytes in
      let postings = PostingBlock.decode(bytes, base: segment.records.lowerBound)
      return postings?.first == segment.fences[block].first ? postings : nil
    }
  }

  /// Reads and checks one block and gives the postings it has of the sorted `terms` that the visit is for.
  static func finds(_ db: Database, _ visit: Segment.Visit, _ terms: [UInt64]) throws -> [TermFind] {
    try withBlock(db, visit.segment, visit.block) { bytes in
      var finds: [TermFind] = []
      var rest = visit.terms
      let isWhole = PostingBlock.scan(bytes, base: visit.segment.records.lowerBound) { posting in
        while let term = rest.first, terms[term] < posting.term { rest.removeFirst() }
        guard let term = rest.first else { return false }
        if terms[term] == posting.term { finds.append(TermFind(term: term, ordinal: posting.ordinal)) }
        return true
      }
      return isWhole ? finds : nil
    }
  }

  /// Reads a block, checks its bytes and hands them over; corrupt when they are not what they were, or nil for `body`.
  private static func withBlock<Value>(
    _ db: Database, _ segment: Segment, _ block: Int, _ body: (UnsafeRawBufferPointer) -> Value?
  ) throws -> Value {
    let fence = segment.fences[block]
    let statement = try db.cachedStatement(sql: "SELECT bytes FROM block WHERE id = ?")
    statement.setUncheckedArguments([fence.block])
    let rows = try Row.fetchCursor(statement)
    let value: Value? = try rows.next()?.withUnsafeData(atIndex: 0) { data in
      data?.withUnsafeBytes { bytes in SHA256.hash(bytes).prefix64 == fence.checksum ? body(bytes) : nil }
    }
    guard let value else {
      throw Failure.indexCorrupt("\(segment), block \(block): the bytes do not match their checksum")
    }
    return value
  }

  /// Writes one block, over whatever the row held.
  static func write(_ db: Database, row: UInt32, _ bytes: Data) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO block VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes")
    statement.setUncheckedArguments([row, bytes])
    try statement.execute()
  }

  /// Overwrites a block's row with zeros.
  static func clear(_ db: Database, row: UInt32) throws {
    let statement = try db.cachedStatement(sql: "UPDATE block SET bytes = zeroblob(length(bytes)) WHERE id = ?")
    statement.setUncheckedArguments([row])
    try statement.execute()
  }

  /// Makes `segment` part of the index in place of those it was merged from.
  static func replace(_ db: Database, _ old: [Segment], with segment: Segment) throws {
    for segment in old {
      try db.execute(sql: "DELETE FROM segment WHERE id = ?", arguments: [segment.id])
    }
    try db.execute(
      sql: "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        segment.id, segment.level, Int64(segment.records.lowerBound), Int64(segment.records.upperBound),
        segment.postingCount, segment.fenceBytes, segment.filterBytes, segment.blockBytes,
        Data(segment.checksum.bytes),
      ])
  }

  /// Every segment in the order of its records; fails unless they are whole and cover the log without a gap.
  static func segments(_ db: Database) throws -> [Segment] {
    var segments: [Segment] = []
    var reached: UInt64 = 0
    for row in try Row.fetchAll(db, sql: "SELECT * FROM segment ORDER BY start") {
      let segment = try segment(row)
      guard segment.records.lowerBound == reached else {
        throw Failure.indexCorrupt("\(segment): the segment before ends at \(reached)")
      }
      reached = segment.records.upperBound
      segments.append(segment)
    }
    return segments
  }

  private static func segment(_ row: Row) throws -> Segment {
    let id: Int64 = try column(row, "id")
    let start: Int64 = try column(row, "start")
    let through: Int64 = try column(row, "through")
    guard 0 <= start, start < through,
      let fences = Segment.fences(try column(row, "fences"), try column(row, "filters"), try column(row, "blocks"))
    else { throw Failure.indexCorrupt("segment \(id): its row is malformed") }
    let segment = Segment(
      id: id, level: try column(row, "level"), records: UInt64(start)..<UInt64(through),
      postingCount: try column(row, "postings"), fences: fences)
    guard segment.level >= 0, segment.postingCount >= 0, segment.checksum == Digest(try column(row, "checksum") as Data)
    else { throw Failure.indexCorrupt("\(segment): its row does not match its checksum") }
    return segment
  }

  /// A column that a broken file may hold in any type.
  private static func column<Value: DatabaseValueConvertible>(_ row: Row, _ name: String) throws -> Value {
    guard let value = Value.fromDatabaseValue(row[name]) else {
      throw Failure.indexCorrupt("segment table: column \(name) is not what it was")
    }
    return value
  }
}
