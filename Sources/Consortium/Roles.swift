package import Wire
import Primitives

/// A set of roles: one word, iterated in the order in which `Role` lists them.
package struct Roles: SetAlgebra, Hashable, Sendable {
  private var bits: UInt16

  /// No roles.
  package init() { bits = 0 }

  private init(bits: UInt16) { self.bits = bits }

  /// The roles whose keys count for governing the ledger; they are given and taken by vote only.
  package static let governing: Roles = [.admin, .node]

  /// Whether a key with these roles may author records of that family.
  package func mayAuthor(_ family: RecordFamily) -> Bool { contains { $0.mayAuthor(family) } }

  /// The roles by their names on the wire.
  package var wire: [Cairn_V1_Role] { map(\.wire) }

  /// Whether the role is in the set.
  package func contains(_ role: Role) -> Bool { bits & Self.bit(role) != 0 }
  /// The roles of either set.
  package func union(_ other: Roles) -> Roles { Roles(bits: bits | other.bits) }
  /// The roles of both sets.
  package func intersection(_ other: Roles) -> Roles { Roles(bits: bits & other.bits) }
  /// The roles of one set but not of the other.
  package func symmetricDifference(_ other: Roles) -> Roles { Roles(bits: bits ^ other.bits) }
  /// Adds the roles of the other set.
  package mutating func formUnion(_ other: Roles) { bits |= other.bits }
  /// Keeps the roles that the other set has too.
  package mutating func formIntersection(_ other: Roles) { bits &= other.bits }
  /// Keeps and adds the roles that only one of the sets has.
  package mutating func formSymmetricDifference(_ other: Roles) { bits ^= other.bits }

  /// Adds the role; says whether it is new.
  @discardableResult
  package mutating func insert(_ role: Role) -> (inserted: Bool, memberAfterInsert: Role) {
    let isNew = !contains(role)
    bits |= Self.bit(role)
    return (isNew, role)
  }

  /// Takes the role away; gives it if it was there.
  @discardableResult
  package mutating func remove(_ role: Role) -> Role? {
    guard contains(role) else { return nil }
    bits &= ~Self.bit(role)
    return role
  }

  /// Adds the role; gives it if it was there.
  @discardableResult
  package mutating func update(with role: Role) -> Role? { insert(role).inserted ? nil : role }

  private static func bit(_ role: Role) -> UInt16 { 1 << UInt16(role.wire.rawValue) }
}

extension Roles: Sequence {
  /// The roles in order.
  package func makeIterator() -> Array<Role>.Iterator { Role.allCases.filter(contains).makeIterator() }
}

extension Roles: CustomStringConvertible {
  /// The roles' names, for people.
  package var description: String { isEmpty ? "none" : map(\.rawValue).joined(separator: ", ") }
}

extension Roles {
  /// Parses a list in which each role stands once; field paths start at the list.
  init(_ wire: [Cairn_V1_Role]) throws(Failure) {
    self.init()
    for (index, name) in wire.enumerated() {
      guard let role = Role(name) else {
        throw .malformed(
          "UNKNOWN_ROLE", field: "[\(index)]", "\(name.rawValue) is no role; one of \(Roles(Role.allCases)) expected")
      }
      guard insert(role).inserted else {
        throw .malformed("DUPLICATE_ROLE", field: "[\(index)]", "\(role.rawValue) is listed twice; list each role once")
      }
    }
  }
}
