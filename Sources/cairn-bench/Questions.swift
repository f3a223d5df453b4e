import GRPCCore
import SeededRandom
import SwiftProtobuf
import Wire
import WireRPC

/// Asks about what is in a ledger, one question after the other, and takes the time.
struct Questions {
  /// Questions of each kind.
  static let count = 2_000
  /// Traces, which are larger.
  private static let traceCount = 200
  /// An item, five times 180 others, their 45 cases, five pallets and five containers, and five transformations: 961.
  private static let traceNodes = 900...1_000

  let subject: Subject
  private var connection: Connection { subject.connections[0] }

  init(about subject: Subject) { self.subject = subject }

  /// Asks every kind of question.
  func ask() async throws -> Figures.Answers {
    CairnBench.note("asking about \(Self.count) items of a ledger of \(subject.eventCount) events")
    var answers = Figures.Answers(events: subject.eventCount)
    var (history, evidence, inclusion): ([Latency], [Latency], [Latency]) = ([], [], [])
    var random = SplitMix64(seed: 2)
    let sample = subject.items.shuffled(using: &random)
    for finished in sample.prefix(Self.count) {
      let (events, time) = try await self.history(of: finished.item)
      history.append(time)
      let event = events[random.number(below: events.count)]
      evidence.append(try await self.evidence(of: event))
      inclusion.append(try await self.inclusion(of: event))
    }
    // About others, of which nothing was read before.
    answers.latencies[.state] = try await times(of: sample.dropFirst(Self.count).prefix(Self.count)) {
      try await state(of: $0.item)
    }
    answers.latencies[.query] = try await times(of: sample.suffix(Self.count)) {
      try await shipping(under: $0.advice)
    }
    answers.latencies[.trace] = try await times(
      of: subject.products.shuffled(using: &random).prefix(Self.traceCount)
    ) { try await trace(of: $0) }
    answers.latencies[.history] = .init(history)
    answers.latencies[.evidence] = .init(evidence)
    answers.latencies[.inclusion] = .init(inclusion)
    return answers
  }

  private func times<Asked>(
    of all: some Sequence<Asked>, _ ask: (Asked) async throws -> Latency
  ) async throws -> Figures.Latencies {
    var times: [Latency] = []
    for asked in all { times.append(try await ask(asked)) }
    return .init(times)
  }

  private func state(of item: String) async throws -> Latency {
    let (answer, time) = try await connection.timed(
      Cairn_V1_ProvenanceService.Method.GetItem.descriptor, Cairn_V1_GetItemRequest.with { $0.item = item },
      as: Cairn_V1_GetItemResponse.self)
    guard answer.eventCount >= 10 else { throw BenchError("\(item) has the state of \(answer.eventCount) events") }
    return time
  }

  private func shipping(under advice: String) async throws -> Latency {
    let (answer, time) = try await connection.timed(
      Cairn_V1_ProvenanceService.Method.QueryEvents.descriptor,
      Cairn_V1_QueryEventsRequest.with {
        $0.filter.types = [.object]
        $0.filter.bizSteps = ["shipping"]
        $0.filter.bizTransactions = [
          .with {
            $0.type = "desadv"
            $0.values = [advice]
          }
        ]
      }, as: Cairn_V1_QueryEventsResponse.self)
    guard answer.events.count >= 2 else { throw BenchError("\(advice) has \(answer.events.count) shipping events") }
    return time
  }

  private func trace(of product: String) async throws -> Latency {
    let (parts, time) = try await connection.timed(
      Cairn_V1_ProvenanceService.Method.Trace.descriptor,
      Cairn_V1_TraceRequest.with {
        $0.item = product
        $0.direction = .back
      }, asPartsOf: Cairn_V1_TraceResponse.self)
    let nodes = parts.reduce(0) { $0 + $1.nodes.count }
    guard Self.traceNodes.contains(nodes) else { throw BenchError("the trace of \(product) has \(nodes) nodes") }
    return time
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
