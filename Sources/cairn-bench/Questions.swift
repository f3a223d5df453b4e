import GRPCCore
import SwiftProtobuf
import Wire
import WireRPC

/// Asks about what is in a ledger, one question after the other, and takes the time.
struct Questions {
  /// Questions of each kind.
  static let count = 2_000

  let subject: Subject
  private var connection: Connection { subject.connections[0] }

  init(about subject: Subject) { self.subject = subject }

  /// Asks every kind of question.
  func ask() async throws -> Figures.Answers {
    CairnBench.note("asking about \(Self.count) items of a ledger of \(subject.eventCount) events")
    var answers = Figures.Answers(events: subject.eventCount)
    var (history, evidence, inclusion): ([Latency], [Latency], [Latency]) = ([], [], [])
    var random = SplitMix64(seed: 2)
    for item in subject.items.shuffled(using: &random).prefix(Self.count) {
      let (events, time) = try await self.history(of: item)
      history.append(time)
      let event = events[random.number(below: events.count)]
      evidence.append(try await self.evidence(of: event))
      inclusion.append(try await self.inclusion(of: event))
    }
    answers.latencies[.history] = .init(history)
    answers.latencies[.evidence] = .init(evidence)
    answers.latencies[.inclusion] = .init(inclusion)
    return answers
  }

  private func history(of item: String) async throws -> ([Cairn_V1_RecordedEvent], Latency) {
    let (answer, time) = try await connection.timed(
      Cairn_V1_ProvenanceService.Method.ListItemHistory.descriptor,
      Cairn_V1_ListItemHistoryRequest.with { $0.item = item }, as: Cairn_V1_ListItemHistoryResponse.self)
    guard answer.events.count == 10 else { throw BenchError("\(item) has \(answer.events.count) events, not 10") }
    return (answer.events, time)
  }

  private func evidence(of event: Cairn_V1_RecordedEvent) async throws -> Latency {
    try await connection.timed(
      Cairn_V1_AuditService.Method.GetEvidence.descriptor,
      Cairn_V1_GetEvidenceRequest.with { $0.recordID = event.recordID }, as: Cairn_V1_GetEvidenceResponse.self
    ).1
  }

  private func inclusion(of event: Cairn_V1_RecordedEvent) async throws -> Latency {
    try await connection.timed(
      Cairn_V1_AuditService.Method.GetInclusionProof.descriptor,
      Cairn_V1_GetInclusionProofRequest.with { $0.position = event.position },
      as: Cairn_V1_GetInclusionProofResponse.self
    ).1
  }
}
