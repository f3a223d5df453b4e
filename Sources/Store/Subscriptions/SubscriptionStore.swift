package import Consortium
import Foundation
import GRDB
package import Primitives

/// The subscriptions of a node's members and how far each has got, in a database of their own: no part of the ledger, and
/// found in no other place. What a call has written is on disk when it returns.
package final class SubscriptionStore: Sendable {
  /// Most subscriptions of one member.
  package static let maxPerMember = 1_000
  /// Most subscriptions of all members together.
  package static let maxPerNode = 10_000

  private let database: DatabaseQueue
  private let file: URL

  /// Opens, or makes, the database beside the ledger of that id. One that is damaged is set aside and made anew, of which
  /// `warn` is told. Fails with SUBSCRIPTIONS_MISMATCH for another ledger's.
  package init(_ directory: DataDirectory, ledger: Digest, warn: (String) -> Void) throws(Failure) {
    file = directory.subscriptions
    do throws(Failure) { database = try Self.openDatabase(file, for: ledger) } catch {
      guard error.kind == .corrupt else { throw error }
      try Self.setAside(file)
      warn("\(error.message): that is done")
      database = try Self.openDatabase(file, for: ledger)
    }
  }

  /// What became of a request to make a subscription.
  package struct Creation: Hashable, Sendable {
    /// As it stands.
    package let subscription: StoredSubscription
    /// Whether the request made it; otherwise there was one of that name, whatever else is in it.
    package let isNew: Bool
  }

  /// Makes a subscription, unless the member has one of that name; exhausted TOO_MANY_SUBSCRIPTIONS beyond the limits.
  package func create(_ new: NewSubscription) async throws(Failure) -> Creation {
    try await write { db in
      if let there = try Self.find(new.name, of: new.member, db) { return Creation(subscription: there, isNew: false) }
      try Self.requireRoom(for: new.member, db)
      let row = try Row.fetchOne(
        db,
        sql: """
          INSERT INTO subscription (member, name, description, filter, position, record_index, created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING \(StoredSubscription.columns)
          """,
        arguments: [
          new.member.description, new.name, new.description, new.filter, Int64(clamping: new.start.position),
          Int64(new.start.index), new.createdAt.microseconds,
        ])
      guard let row else { throw LedgerReader.corrupt("the table of subscriptions") }
      return Creation(subscription: try StoredSubscription(row), isNew: true)
    }
  }

  /// The member's subscription of that name; nil if it has none.
  package func subscription(_ name: String, of member: MemberID) async throws(Failure) -> StoredSubscription? {
    try await read { try Self.find(name, of: member, $0) }
  }

  /// Up to `limit` of the member's subscriptions, by name, those after `last`.
  package func subscriptions(
    of member: MemberID, after last: String, limit: Int
  ) async throws(Failure) -> [StoredSubscription] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(StoredSubscription.columns) FROM subscription WHERE member = ? AND name > ? ORDER BY name LIMIT ?
          """, arguments: [member.description, last, limit]
      ).map(StoredSubscription.init)
    }
  }

  /// Forgets a subscription; gives its id, or nil if there was none.
  package func delete(_ name: String, of member: MemberID) async throws(Failure) -> Int64? {
    try await write { db in
      try Int64.fetchOne(
        db, sql: "DELETE FROM subscription WHERE member = ? AND name = ? RETURNING id",
        arguments: [member.description, name])
    }
  }

  /// Moves cursors forward, by subscription id, in one transaction with one fsync. None ever moves back, and one of a
  /// subscription that is gone is passed over.
  package func advance(_ cursors: [Int64: RecordPlace]) async throws(Failure) {
    try await write { db in
      let statement = try db.cachedStatement(
        sql: """
          UPDATE subscription SET position = ?2, record_index = ?3
          WHERE id = ?1 AND (position, record_index) < (?2, ?3)
          """)
      for (id, place) in cursors {
        try statement.execute(arguments: [id, Int64(clamping: place.position), Int64(place.index)])
      }
    }
  }

  /// Moves cursors that lie beyond a log of `size` entries back to its end: what comes there is other than what was.
  package func rewind(to size: UInt64) async throws(Failure) {
    try await write { db in
      try db.execute(
        sql: "UPDATE subscription SET position = ?1, record_index = 0 WHERE position >= ?1",
        arguments: [Int64(clamping: size)])
    }
  }

  /// How many there are.
  package func count() async throws(Failure) -> Int {
    try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM subscription") ?? 0 }
  }

  /// The value of SQLite's `synchronous` setting; 2 is FULL.
  package func synchronousLevel() async throws(Failure) -> Int? {
    try await read { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
  }

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(Failure) -> Value {
    do { return try await database.write(body) } catch { throw Failure(error, subscriptions: file) }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(Failure) -> Value {
    do { return try await database.read(body) } catch { throw Failure(error, subscriptions: file) }
  }
}

extension SubscriptionStore {
  private static func find(_ name: String, of member: MemberID, _ db: Database) throws -> StoredSubscription? {
    let statement = try db.cachedStatement(
      sql: "SELECT \(StoredSubscription.columns) FROM subscription WHERE member = ? AND name = ?")
    return try Row.fetchOne(statement, arguments: [member.description, name]).map(StoredSubscription.init)
  }

  private static func requireRoom(for member: MemberID, _ db: Database) throws {
    let own = try Int.fetchOne(
      db, sql: "SELECT count(*) FROM subscription WHERE member = ?", arguments: [member.description])
    guard own ?? 0 < maxPerMember else {
      throw Failure(
        .exhausted, "TOO_MANY_SUBSCRIPTIONS",
        "\(member) has \(maxPerMember) subscriptions, which is the limit; delete one first",
        metadata: ["limit": String(maxPerMember), "member_id": member.description])
    }
    guard try Int.fetchOne(db, sql: "SELECT count(*) FROM subscription") ?? 0 < maxPerNode else {
      throw Failure(
        .exhausted, "TOO_MANY_SUBSCRIPTIONS",
        "this node has \(maxPerNode) subscriptions of all members, which is the limit",
        metadata: ["limit": String(maxPerNode)])
    }
  }
}
