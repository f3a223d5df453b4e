import FoundationEssentials
import GRPCCore
package import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

extension LedgerConnection {
  private static let pageSize: UInt32 = 1_000

  /// Members, thresholds and numbers, now or as an entry at `position` found them.
  package func consortium(at position: UInt64? = nil) async throws(Failure) -> Cairn_V1_GetConsortiumResponse {
    let request = Cairn_V1_GetConsortiumRequest.with { if let position { $0.position = position } }
    return try await call { try await $0.consortium.getConsortium(request, options: Self.options) }
  }

  /// All keys that `request` asks for, page after page, each handed to `visit`.
  package func keys(
    _ request: Cairn_V1_ListKeysRequest, _ visit: (Cairn_V1_KeyStatus) throws(Failure) -> Void
  ) async throws(Failure) {
    var request = request
    request.pageSize = Self.pageSize
    repeat {
      let page = request
      let response = try await call { try await $0.consortium.listKeys(page, options: Self.options) }
      for key in response.keys { try visit(key) }
      request.pageToken = response.nextPageToken
    } while !request.pageToken.isEmpty
  }

  /// What a key may do, now or as an entry at `position` found it; without evidence. Fails with UNKNOWN_KEY.
  package func authority(
    of key: KeyID, at position: UInt64? = nil, withEvidence: Bool = false
  ) async throws(Failure) -> Cairn_V1_GetAuthorityResponse {
    let request = Cairn_V1_GetAuthorityRequest.with {
      $0.keyID = Data(key.digest.bytes)
      if let position { $0.position = position }
      $0.withoutEvidence = !withEvidence
    }
    return try await call { try await $0.consortium.getAuthority(request, options: Self.options) }
  }

  /// Proposals in that state, newest first; all without one.
  package func proposals(
    _ state: Cairn_V1_ProposalState = .unspecified
  ) async throws(Failure) -> [Cairn_V1_ProposalStatus] {
    var request = Cairn_V1_ListProposalsRequest()
    request.state = state
    request.pageSize = Self.pageSize
    var proposals: [Cairn_V1_ProposalStatus] = []
    repeat {
      let page = request
      let response = try await call { try await $0.consortium.listProposals(page, options: Self.options) }
      proposals += response.proposals
      request.pageToken = response.nextPageToken
    } while !request.pageToken.isEmpty
    return proposals
  }

  /// One proposal and its votes; fails with UNKNOWN_PROPOSAL.
  package func proposal(_ id: Digest) async throws(Failure) -> Cairn_V1_ProposalStatus {
    let request = Cairn_V1_GetProposalRequest.with { $0.proposalID = Data(id.bytes) }
    return try await call { try await $0.consortium.getProposal(request, options: Self.options) }.proposal
  }

  /// Whom the server takes this client for.
  package func whoAmI() async throws(Failure) -> Cairn_V1_WhoAmIResponse {
    try await call { try await $0.consortium.whoAmI(Cairn_V1_WhoAmIRequest(), options: Self.options) }
  }
}
