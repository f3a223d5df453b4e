package import Primitives
import Signing
package import Wire

/// The terms a ledger begins with, well-formed and feasible.
package struct GenesisTerms: Hashable, Sendable {
  /// The ledger's name, the first part of its checkpoint origin.
  package let name: String
  /// The founding members, 1 to 1,000.
  package let members: [MemberTerms]
  /// Their first keys, at most 10,000; among them at least one ADMIN key and one NODE key.
  package let keys: [KeyRegistration]
  /// How many members decide.
  package let thresholds: Thresholds

  /// Parses a genesis message; field paths start at it.
  package init(_ wire: Cairn_V1_Genesis) throws(Failure) {
    guard MemberID.isWellFormed(wire.name) else {
      throw .malformed("MALFORMED_NAME", field: "name", MemberID.grammar)
    }
    name = wire.name
    members = try at("members") { () throws(Failure) in try Self.members(wire.members) }
    keys = try at("keys") { () throws(Failure) in try KeyRegistration.list(wire.keys, atMost: 10_000) }
    thresholds = Thresholds(wire.thresholds)
    let rolesByMember = Dictionary(uniqueKeysWithValues: members.map { ($0.id, $0.roles) })
    for (index, key) in keys.enumerated() {
      guard let roles = rolesByMember[key.memberID] else {
        throw .malformed("UNKNOWN_MEMBER", field: "keys[\(index)].member_id", "\(key.memberID) is no founding member")
      }
      if let excess = key.excess(over: roles) {
        throw .malformed("ROLE_NOT_HELD", field: "keys[\(index)].roles", excess)
      }
    }
    try requireOfficers(.admin, "NO_ADMIN_KEY")
    try requireOfficers(.node, "NO_NODE_KEY")
    do { try electorate.requireSufficient(comparedWith: nil) } catch {
      throw .malformed(error.reason, field: "thresholds", error.message)
    }
  }

  /// The registration of that key, if genesis registers it.
  package func registration(of id: KeyID) -> KeyRegistration? { keys.first { $0.publicKey.id == id } }

  /// The members that can vote and sign once all of their keys are valid.
  private var electorate: Electorate {
    let voters = Set(keys.filter { $0.roles.contains(.admin) }.map(\.memberID)).count
    let nodes = Set(keys.filter { $0.roles.contains(.node) }.map(\.memberID)).count
    return Electorate(thresholds: thresholds, voters: voters, nodes: nodes)
  }

  private func requireOfficers(_ role: Role, _ reason: String) throws(Failure) {
    guard keys.contains(where: { $0.roles.contains(role) }) else {
      throw .malformed(reason, field: "keys", "at least one key with role \(role.rawValue) expected")
    }
  }

  private static func members(_ wire: [Cairn_V1_Member]) throws(Failure) -> [MemberTerms] {
    guard (1...1_000).contains(wire.count) else {
      throw .malformed("MEMBER_COUNT", field: "", "\(wire.count) members; 1 to 1000 expected")
    }
    var members: [MemberTerms] = []
    var ids: Set<MemberID> = []
    for (index, member) in wire.enumerated() {
      let terms = try at("[\(index)]") { () throws(Failure) in try MemberTerms(member) }
      guard ids.insert(terms.id).inserted else {
        throw .malformed("DUPLICATE_MEMBER", field: "[\(index)].id", "\(terms.id) is listed twice")
      }
      members.append(terms)
    }
    return members
  }
}
