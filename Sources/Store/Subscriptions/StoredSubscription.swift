package import Consortium
package import Foundation
import GRDB
package import Primitives

/// What a member wants to be told of, under a name.
package struct NewSubscription: Hashable, Sendable {
  /// Whose it is.
  package let member: MemberID
  /// Unique within the member.
  package let name: String
  /// For people; may be empty.
  package let description: String
  /// The filter as the client sent it, serialized.
  package let filter: Data
  /// Where it begins.
  package let start: RecordPlace
  package let createdAt: Instant

  /// A subscription that nobody has read from yet.
  package init(
    member: MemberID, name: String, description: String, filter: Data, start: RecordPlace, createdAt: Instant
  ) {
    self.member = member
    self.name = name
    self.description = description
    self.filter = filter
    self.start = start
    self.createdAt = createdAt
  }
}

/// A subscription and how far it has got.
package struct StoredSubscription: Hashable, Sendable {
  /// Counts the subscriptions that this node ever had; never used twice.
  package let id: Int64
  package let member: MemberID
  package let name: String
  package let description: String
  /// The filter as the client sent it, serialized.
  package let filter: Data
  /// Everything before this record is acknowledged.
  package let cursor: RecordPlace
  package let createdAt: Instant

  static let columns = "id, member, name, description, filter, position, record_index, created_at"

  init(_ row: Row) throws {
    guard let member = MemberID(try row.text(1)) else { throw LedgerReader.corrupt("a subscription's member") }
    id = try row.integer(0)
    self.member = member
    name = try row.text(2)
    description = try row.text(3)
    filter = try row.data(4)
    cursor = RecordPlace(position: try row.natural(5), index: UInt32(try row.natural(6, upTo: Int(UInt32.max))))
    createdAt = Instant(microseconds: try row.integer(7))
  }
}
