import Checkpoints
import FoundationEssentials
import Primitives
import Provenance
import Signing
import SwiftProtobuf
import Wire

/// Follows a trace again, through proved events alone, and compares it with what was answered.
struct TraceVerifier {
  let pack: VerifiedPack
  let question: TraceQuestion
  private let events: [EventPlace: ProvedEvent]

  init(_ request: Cairn_V1_TraceRequest, _ pack: VerifiedPack) throws(Failure) {
    do { question = try TraceQuestion(request) } catch { throw error.under("trace") }
    self.pack = pack
    events = Dictionary(
      uniqueKeysWithValues: pack.events.map {
        (EventPlace(position: $0.record.position, index: $0.record.index), $0)
      })
  }

  /// The trace with its whole events, as it follows from the proved ones, and these in its order; malformed TRACE_DIFFERS where
  /// something else was answered. Of the ends that are hidden events or too many no proof speaks: they are as answered.
  func verify(
    _ claimed: Cairn_V1_TraceResponse
  ) async throws(Failure) -> (trace: Cairn_V1_TraceResponse, events: [ProvedEvent]) {
    let trace = try await follow()
    var derived = response(of: trace)
    derived.stubs = try Self.stubs(of: derived, and: claimed.stubs)
    derived.summary.stubCount = UInt32(clamping: derived.stubs.count)
    guard !claimed.hasEvidence, claimed.described.isEmpty, claimed.unknownFields.data.isEmpty,
      claimed.summary == derived.summary
    else {
      throw Self.differs("summary")
    }
    try compare(claimed.nodes, derived.nodes, "nodes")
    try compare(Self.joined(claimed.edges), derived.edges, "edges")
    try compare(claimed.stubs, derived.stubs, "stubs")
    try compare(claimed.events, derived.events, "events")
    try compare(claimed.consulted, derived.consulted, "consulted")
    let places = trace.events.map(\.place) + trace.consulted
    guard places.count == events.count else {
      throw .step("TRACE", "NOT_AN_ANSWER", field: "evidence", "events that the trace does not need")
    }
    return (whole(derived), places.compactMap { events[$0] })
  }

  private func follow() async throws(Failure) -> Trace {
    var source = PackEventSource(pack.events)
    do { return try await Trace.following(question, in: &source) } catch {
      throw error as? Failure ?? Failure(.bug, "TRACE_FAILED", "the proved events could not be followed: \(error)")
    }
  }

  private func response(of trace: Trace) -> Cairn_V1_TraceResponse {
    .with {
      $0.summary = question.summary(of: trace, logSize: pack.evidence.checkpoint.checkpoint.size)
      $0.nodes = trace.nodes.map(\.wire)
      $0.edges = trace.edges.map { $0.wire($0.spans) }
      $0.stubs = trace.stubs.map(\.wire)
      $0.events = trace.events.map { traced($0.place, $0.time, $0.standing) }
      $0.consulted = trace.consulted.compactMap { place in
        events[place].map { traced(place, $0.event.eventTime, .effective) }
      }
    }
  }

  private func traced(
    _ place: EventPlace, _ time: Instant, _ standing: TraceEvent.Standing
  ) -> Cairn_V1_TracedEvent {
    .with {
      $0.recorded.position = place.position
      $0.recorded.recordIndex = place.index
      if let proved = events[place] {
        $0.recorded.recordID = Data(proved.record.id.bytes)
        $0.recorded.ledgerTimeMicroseconds = proved.record.entry.ledgerTime.microseconds
        $0.recorded.authorKeyID = Data(proved.record.author.id.digest.bytes)
        $0.recorded.memberID = proved.memberID?.description ?? ""
        $0.recorded.authorCompromised = proved.isCompromised
      }
      $0.eventTimeMicroseconds = time.microseconds
      $0.standing = standing.wire
    }
  }

  /// The ends that follow, with the ends for which there are no proofs, in the order of an answer.
  private static func stubs(
    of derived: Cairn_V1_TraceResponse, and claimed: [Cairn_V1_TraceStub]
  ) throws(Failure) -> [Cairn_V1_TraceStub] {
    let unproved = claimed.filter { $0.reason == .forbidden || $0.reason == .eventLimit }
    guard Set(unproved).count == unproved.count, unproved.allSatisfy({ $0.node < derived.nodes.count }) else {
      throw differs("stubs")
    }
    return (derived.stubs + unproved).sorted { ($0.node, $0.reason.rawValue) < ($1.node, $1.reason.rawValue) }
  }

  /// The trace with the events themselves.
  private func whole(_ trace: Cairn_V1_TraceResponse) -> Cairn_V1_TraceResponse {
    func whole(_ traced: Cairn_V1_TracedEvent) -> Cairn_V1_TracedEvent {
      var traced = traced
      let place = EventPlace(position: traced.recorded.position, index: traced.recorded.recordIndex)
      if let proved = events[place] { traced.recorded.event = proved.event.event }
      return traced
    }
    var trace = trace
    trace.events = trace.events.map(whole)
    trace.consulted = trace.consulted.map(whole)
    return trace
  }

  /// An edge with many spans comes in several elements.
  private static func joined(_ edges: [Cairn_V1_TraceEdge]) -> [Cairn_V1_TraceEdge] {
    edges.reduce(into: []) { joined, edge in
      let last = joined.count - 1
      if last >= 0, joined[last].kind == edge.kind, joined[last].fromNode == edge.fromNode,
        joined[last].toNode == edge.toNode
      {
        joined[last].spans += edge.spans
      } else {
        joined.append(edge)
      }
    }
  }

  private func compare<Part: Equatable>(_ claimed: [Part], _ derived: [Part], _ field: String) throws(Failure) {
    if let index = zip(claimed, derived).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
      throw Self.differs("\(field)[\(index)]")
    }
    guard claimed.count == derived.count else { throw Self.differs(field) }
  }

  private static func differs(_ field: String) -> Failure {
    .step("TRACE", "TRACE_DIFFERS", field: "traced.\(field)", "something else follows from the proved events")
  }
}
