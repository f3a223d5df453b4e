import FoundationEssentials
import GRPCCore
package import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

extension LedgerConnection {
  /// Largest message of batches that is taken, in bytes: more than twice what a node sends.
  package static let maxBatchesMessageBytes = 2 << 20

  /// How the node is.
  package func nodeStatus() async throws(Failure) -> Cairn_V1_GetNodeStatusResponse {
    try await call { try await $0.peers.getNodeStatus(Cairn_V1_GetNodeStatusRequest(), options: Self.options) }
  }

  /// Signed checkpoints that contradict each other, as the node saw them.
  package func divergences() async throws(Failure) -> [Cairn_V1_Divergence] {
    try await call { try await $0.peers.listDivergences(Cairn_V1_ListDivergencesRequest(), options: Self.options) }
      .divergences
  }

  /// Where the engine and the clocks stood at a checkpoint. Fails with UNKNOWN_CHECKPOINT, or NO_ENGINE.
  package func consensusState(size: UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse {
    let request = Cairn_V1_GetConsensusStateRequest.with { $0.size = size }
    return try await call { try await $0.peers.getConsensusState(request, options: Self.options) }
  }

  /// The batches at these positions, message by message; the next is asked for when `take` has returned.
  package func batches(
    _ positions: Range<UInt64>, _ take: @escaping @Sendable (Cairn_V1_ListBatchesResponse) async throws -> Void
  ) async throws(Failure) {
    let request = Cairn_V1_ListBatchesRequest.with {
      $0.fromPosition = positions.lowerBound
      $0.endPosition = positions.upperBound
    }
    var options = Self.options
    options.maxResponseMessageBytes = Self.maxBatchesMessageBytes
    let chosen = options
    try await call { connection in
      try await connection.peers.listBatches(request, options: chosen) { response in
        for try await message in response.messages { try await take(message) }
      }
    }
  }
}
