import Client
import SwiftProtobuf
import Wire

extension ProofOptions {
  /// Writes a trace and its proofs; its events by their places alone, since the proofs have them.
  func write(
    _ trace: Cairn_V1_TraceResponse, answering request: Cairn_V1_TraceRequest, _ connection: LedgerConnection
  ) async throws {
    var answer = Cairn_V1_ProvedAnswer.with {
      $0.trace = request
      $0.traced = trace
    }
    answer.traced.clearEvidence()
    answer.traced.described = []
    answer.traced.events = trace.events.map(\.place)
    answer.traced.consulted = trace.consulted.map(\.place)
    let ids = (trace.events + trace.consulted).map(\.recorded.recordID)
    try await write(answer, trace.hasEvidence ? trace.evidence : nil, about: ids, connection)
  }
}

extension Cairn_V1_TracedEvent {
  /// Without the event itself.
  fileprivate var place: Self {
    var event = self
    event.recorded.clearEvent()
    return event
  }
}
