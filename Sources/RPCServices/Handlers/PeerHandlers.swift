import GRPCCore
import Queries
import Wire
import WireRPC

/// cairn.v1.PeerService: what the members' nodes ask of each other.
struct PeerHandlers: Cairn_V1_PeerService.SimpleServiceProtocol {
  let peers: PeerAnswers

  func getNodeStatus(
    request: Cairn_V1_GetNodeStatusRequest, context: ServerContext
  ) async throws -> Cairn_V1_GetNodeStatusResponse {
    peers.status()
  }

  func listBatches(
    request: Cairn_V1_ListBatchesRequest, response: RPCWriter<Cairn_V1_ListBatchesResponse>, context: ServerContext
  ) async throws {
    try await whileCallLasts(context) {
      try await peers.batches(request) { try await response.write($0) }
    }
  }

  func listDivergences(
    request: Cairn_V1_ListDivergencesRequest, context: ServerContext
  ) async throws -> Cairn_V1_ListDivergencesResponse {
    try await peers.divergences()
  }

  func getConsensusState(
    request: Cairn_V1_GetConsensusStateRequest, context: ServerContext
  ) async throws -> Cairn_V1_GetConsensusStateResponse {
    try await peers.consensusState(request)
  }
}
