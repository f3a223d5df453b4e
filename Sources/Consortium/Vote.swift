import FoundationEssentials
package import Primitives
package import Wire

/// A member's vote, well-formed on its own.
package struct Vote: Hashable, Sendable {
  /// The record id of the proposal.
  package let proposalID: Digest
  /// For or against.
  package let choice: Choice

  /// Parses a vote; field paths start at the message.
  package init(_ wire: Cairn_V1_Vote) throws(Failure) {
    proposalID = try Digest(parsing: wire.proposalID, field: "proposal_id")
    switch wire.choice {
    case .approve: choice = .approve
    case .reject: choice = .reject
    case .unspecified, .UNRECOGNIZED:
      throw .malformed("UNKNOWN_CHOICE", field: "choice", "CHOICE_APPROVE or CHOICE_REJECT expected")
    }
  }
}

/// For or against.
package enum Choice: String, Hashable, Sendable, CaseIterable {
  /// For the proposal.
  case approve
  /// Against it.
  case reject

  /// The choice's name on the wire.
  package var wire: Cairn_V1_Choice { self == .approve ? .approve : .reject }
}

extension Digest {
  init(parsing bytes: Data, field: String) throws(Failure) {
    guard let digest = Digest(bytes) else {
      throw .malformed("MALFORMED_DIGEST", field: field, "\(bytes.count) bytes; a record id has 32")
    }
    self = digest
  }
}
