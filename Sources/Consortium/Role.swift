package import Wire

/// What a key may do.
package enum Role: String, Hashable, Sendable, CaseIterable {
  /// A scanner or gateway: authors provenance records; reads only what is public.
  case device
  /// Staff or software of a member: authors provenance records and master data, and reads as its member.
  case `operator`
  /// A partner's system: reads as its member and authors nothing.
  case partner
  /// Registers copyright.
  case registrar
  /// Takes part in settlements.
  case bank
  /// Reads all records, to audit.
  case auditor
  /// Reads all records, by law.
  case regulator
  /// Authors consortium records: enrols its member's keys, proposes and votes.
  case admin
  /// Signs checkpoints for its member's node.
  case node

  /// The role of that name on the wire; nil for one this version does not know.
  package init?(_ wire: Cairn_V1_Role) {
    switch wire {
    case .device: self = .device
    case .operator: self = .operator
    case .partner: self = .partner
    case .registrar: self = .registrar
    case .bank: self = .bank
    case .auditor: self = .auditor
    case .regulator: self = .regulator
    case .admin: self = .admin
    case .node: self = .node
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  /// The role's name on the wire.
  package var wire: Cairn_V1_Role {
    switch self {
    case .device: .device
    case .operator: .operator
    case .partner: .partner
    case .registrar: .registrar
    case .bank: .bank
    case .auditor: .auditor
    case .regulator: .regulator
    case .admin: .admin
    case .node: .node
    }
  }

  /// Whether a key of this role may author records of that family.
  package func mayAuthor(_ family: RecordFamily) -> Bool {
    switch family {
    case .provenance: self == .device || self == .operator
    // What things are is said by people: a scanner that was stolen must not rename a place.
    case .masterData: self == .operator
    case .consortium: self == .admin
    }
  }
}

/// The families of records, by who may author them.
package enum RecordFamily: String, Hashable, Sendable, CaseIterable {
  case provenance
  case masterData = "master data"
  case consortium
}
