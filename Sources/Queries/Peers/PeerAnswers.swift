import Consortium
import Foundation
import Ledger
import Merkle
package import Primitives
import Signing
package import Store
import SwiftProtobuf
package import Wire

/// Answers to what other members' nodes ask.
package struct PeerAnswers: Sendable {
  /// What the engine's side of the node says; a node that is alone says nothing.
  package struct Sources: Sendable {
    /// How the node is.
    package var report: @Sendable (LedgerView) -> NodeReport
    /// The divergences it has seen, oldest first.
    package var divergences: @Sendable () async throws(Failure) -> [DivergenceEvidence]
    /// The place in the order at a checkpoint of that size, 0 meaning the largest final one, signed; nil where there is none.
    package var place: (@Sendable (UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse?)?

    /// The sources of a node that is alone, with what is not said otherwise.
    package init(
      report: @escaping @Sendable (LedgerView) -> NodeReport = { NodeReport($0) },
      divergences: @escaping @Sendable () async throws(Failure) -> [DivergenceEvidence] = { [] },
      place: (@Sendable (UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse?)? = nil
    ) {
      self.report = report
      self.divergences = divergences
      self.place = place
    }
  }

  /// Most divergences in one answer.
  private static let maxDivergences = 100

  private let store: Store
  private let views: PublishedView
  private let key: KeyID
  private let version: String
  private let sources: Sources

  /// Answers from an open store; `key` signs the node's checkpoints.
  package init(store: Store, views: PublishedView, key: KeyID, version: String, sources: Sources = Sources()) {
    self.store = store
    self.views = views
    self.key = key
    self.version = version
    self.sources = sources
  }

  /// How this node is.
  package func status() -> Cairn_V1_GetNodeStatusResponse {
    let view = views.current
    let report = sources.report(view)
    return .with {
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.memberID = view.directory.keys[key]?.memberID.description ?? ""
      $0.keyID = Data(key.digest.bytes)
      $0.serverVersion = version
      $0.logSize = view.logSize
      $0.root = Data(view.edge.root.bytes)
      $0.ledgerTimeMicroseconds = view.ledgerTime.microseconds
      $0.certifiedSize = report.certified?.size ?? 0
      $0.certifiedNote = report.certified?.note ?? ""
      $0.missingMemberIds = report.missing.map(\.description).sorted()
      $0.lastSignedSize = report.lastSigned
      $0.cosignedNote = report.cosigned ?? ""
      $0.stoppedReason = report.stopped ?? ""
      $0.engineState = report.engine?.state ?? .none
      if let engine = report.engine {
        $0.engineMessage = engine.message
        $0.epoch = engine.epoch
        $0.streamSequence = engine.applied
        $0.streamEnd = engine.end
      }
      $0.catchingUp = report.isCatchingUp
    }
  }

  /// The log from a position on, message by message; more is read only after the last was taken.
  package func batches(
    _ request: Cairn_V1_ListBatchesRequest, emit: (Cairn_V1_ListBatchesResponse) async throws -> Void
  ) async throws {
    let size = views.current.logSize
    let end = request.endPosition == 0 ? size : min(request.endPosition, size)
    var cursor = BatchReading.Cursor(position: request.fromPosition)
    while cursor.position < end {
      try Task.checkCancellation()
      let start = cursor
      let (message, next) = try await store.read { reader in
        var reading = BatchReading(reader: reader, cursor: start, end: end)
        return (try reading.message(), reading.cursor)
      }
      try await emit(message)
      cursor = next
    }
  }

  /// Signed checkpoints that contradict each other.
  package func divergences() async throws(Failure) -> Cairn_V1_ListDivergencesResponse {
    let found = try await sources.divergences()
    return .with {
      $0.divergences = found.prefix(Self.maxDivergences).map { evidence in
        .with {
          $0.size = evidence.size
          $0.ownNote = evidence.own
          $0.otherNote = evidence.other
          $0.seenAtMicroseconds = evidence.seenAt.microseconds
        }
      }
    }
  }

  /// Where the engine and the clocks stood at a checkpoint.
  package func consensusState(
    _ request: Cairn_V1_GetConsensusStateRequest
  ) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse {
    guard let place = sources.place else {
      throw Failure(.preconditionFailed, "NO_ENGINE", "this node's own writer orders the batches; there is no engine")
    }
    guard let found = try await place(request.size) else {
      throw Failure(
        .notFound, "UNKNOWN_CHECKPOINT", "size: \(request.size); this node has no place in the order of that checkpoint"
      )
    }
    return found
  }
}
