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
    for index in answer.traced.events.indices { answer.traced.events[index].recorded.clearEvent() }
    for index in answer.traced.consulted.indices { answer.traced.consulted[index].recorded.clearEvent() }
    let ids = (trace.events + trace.consulted).map(\.recorded.recordID)
    try await write(answer, trace.hasEvidence ? trace.evidence : nil, about: ids, connection)
  }
}
