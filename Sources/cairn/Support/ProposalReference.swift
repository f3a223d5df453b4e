import ArgumentParser
import Client
import FoundationEssentials
import Merkle
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// A proposal typed as its record id, or as the beginning of the id of one that is open.
struct ProposalReference: ExpressibleByArgument {
  private static let shortest = 8

  private let text: String

  init?(argument: String) {
    let text = argument.lowercased()
    guard (Self.shortest...2 * Digest.byteCount).contains(text.utf8.count),
      text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else { return nil }
    self.text = text
  }

  /// The proposal as the server tells it; fails with UNKNOWN_PROPOSAL or AMBIGUOUS_PROPOSAL. Only open ones are looked for
  /// by a part of their id, unless `all` are.
  func status(_ connection: LedgerConnection, all: Bool = false) async throws(Failure) -> Cairn_V1_ProposalStatus {
    if let id = Digest(hex: text) { return try await connection.proposal(id) }
    let known = try await connection.proposals(all ? .unspecified : .open)
    let found = known.filter { Hex.encode($0.proposalID).hasPrefix(text) }
    guard let first = found.first else {
      throw Failure(
        .notFound, "UNKNOWN_PROPOSAL", "no \(all ? "" : "open ")proposal has an id that begins with \(text)")
    }
    guard found.count == 1 else {
      let ids = found.prefix(5).map { Hex.encode($0.proposalID) }.joined(separator: ", ")
      throw Failure(
        .malformed, "AMBIGUOUS_PROPOSAL", "\(found.count) proposals begin with \(text): \(ids); type more of it")
    }
    return first
  }

  /// The same, with the proposal taken from the very bytes that its id is the hash of: what is shown is what a signature
  /// is for, whatever the server says. Fails with PROPOSAL_MISMATCH too.
  func examined(_ connection: LedgerConnection) async throws(Failure) -> Cairn_V1_ProposalStatus {
    var status = try await status(connection)
    let evidence = try await connection.evidence(of: .recordID(status.proposalID))
    guard let bytes = evidence.proofs.first?.record, Data(MerkleTree.leafHash(bytes).bytes) == status.proposalID,
      let record = try? Cairn_V1_Record(serializedBytes: bytes), case .propose(let proposal)? = record.consortium.change
    else {
      throw Failure(
        .corrupt, "PROPOSAL_MISMATCH",
        "the server does not hold the proposal that it shows under \(Hex.encode(status.proposalID)); do not vote by it")
    }
    status.proposal = proposal
    return status
  }
}

extension Cairn_V1_ProposalStatus {
  /// The proposal's record id.
  var id: Digest {
    get throws(Failure) {
      guard let id = Digest(proposalID) else {
        throw Failure(.corrupt, "MALFORMED_ANSWER", "the server gave a proposal id that has not 32 bytes")
      }
      return id
    }
  }
}
