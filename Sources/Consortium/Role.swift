package import Wire

/// What a key may do.
package enum Role: String, Hashable, Sendable, CaseIterable {
  /// A scanner or gateway that records events.
  case device
  /// Staff or software of a member that records events.
  case `operator`
  /// Registers and revokes keys.
  case admin

  /// The role of that name on the wire; nil for one this version does not know.
  package init?(_ wire: Cairn_V1_Role) {
    switch wire {
    case .device: self = .device
    case .operator: self = .operator
    case .admin: self = .admin
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  /// The role's name on the wire.
  package var wire: Cairn_V1_Role {
    switch self {
    case .device: .device
    case .operator: .operator
    case .admin: .admin
    }
  }

  /// Whether a key of this role may author records of that family.
  package func mayAuthor(_ family: RecordFamily) -> Bool {
    switch family {
    case .provenance: self == .device || self == .operator
    case .consortium: self == .admin
    }
  }
}

/// The families of records, each with a room of its own.
package enum RecordFamily: String, Hashable, Sendable, CaseIterable {
  case provenance, consortium
}
