import FoundationEssentials
package import Primitives
import Provenance
import Signing
import SwiftProtobuf
package import Wire

/// An answer of which every event is proved and is what was asked for. That nothing was left out no proof can show.
package struct VerifiedAnswer: Sendable {
  /// What was asked.
  package enum Question: Sendable {
    /// The history of an item, in canonical form.
    case history(item: String)
    /// Events that match a filter.
    case events(Cairn_V1_EventFilter)
    /// A trace, as it follows from the events: with them whole.
    case trace(Cairn_V1_TraceResponse)
  }

  package let question: Question
  /// The proofs.
  package let pack: VerifiedPack
  /// The events, in the order of the answer; after those of a trace what it consulted.
  package let events: [ProvedEvent]
  /// The server said that there are events which the asker may not read.
  package let hidesEvents: Bool
  /// The asker did not want all events.
  package let isPartial: Bool
  /// Fields of the filter that master data decides for some of the events, which no proof here speaks of: whether the events
  /// are as these fields say was not checked.
  package let unchecked: [String]
}

/// Checks an answer and its proofs with nothing but what the auditor trusts.
package enum AnswerVerifier {
  /// What the file says of its format.
  package static let format = "cairn-pack/1"

  /// Verifies the proofs, and that each proved event is what was asked for, `unchecked` apart; a trace is followed again. Failures name their step as those of
  /// `PackVerifier` do, FILE where the format is another, ANSWER where the answer is not to the
  /// question, and TRACE where a trace does not follow from its events.
  package static func verify(
    _ answer: Cairn_V1_ProvedAnswer, trust: EvidenceVerifier.Trust
  ) async throws(Failure) -> VerifiedAnswer {
    guard answer.format == format, answer.unknownFields.data.isEmpty else {
      throw .step("FILE", "UNKNOWN_FORMAT", field: "format", "\(format) without unknown fields expected")
    }
    let pack: VerifiedPack
    do { pack = try PackVerifier.verify(answer.evidence, trust: trust) } catch { throw error.under("evidence") }
    let (question, events): (VerifiedAnswer.Question, [ProvedEvent])
    var unchecked: Set<String> = []
    if case .trace(let request) = answer.question {
      let verifier = try within("ANSWER") { () throws(Failure) in
        try requireKnown(request, "trace")
        return try TraceVerifier(request, pack)
      }
      let traced = try await verifier.verify(answer.traced)
      (question, events) = (.trace(traced.trace), traced.events)
    } else {
      (question, events) = try within("ANSWER") { () throws(Failure) in try check(answer.question, against: pack) }
      if case .events(let filter) = question {
        let filter = try EventFilter(filter)
        unchecked = Set(events.flatMap { filter.undecided($0.event) })
      }
    }
    return VerifiedAnswer(
      question: question, pack: pack, events: events, hidesEvents: answer.forbiddenEvents, isPartial: answer.partial,
      unchecked: unchecked.sorted())
  }

  private static func check(
    _ question: Cairn_V1_ProvedAnswer.OneOf_Question?, against pack: VerifiedPack
  ) throws(Failure) -> (VerifiedAnswer.Question, [ProvedEvent]) {
    switch question {
    case .history(let asked):
      try requireKnown(asked, "history")
      let item: Identifier
      do { item = try Identifier(asked.item) } catch {
        throw .malformed(error.reason, field: "history.item", error.message)
      }
      try require(pack, "it does not speak of \(item.canonical)") { proved in
        proved.event.items.contains { $0.canonical == item.canonical }
      }
      return (.history(item: item.canonical), byEventTime(pack.events))
    case .events(let asked):
      let filter: EventFilter
      try requireKnown(asked, "events")
      do { filter = try EventFilter(asked.filter) } catch { throw error.under("events.filter") }
      try require(pack, "it does not match the filter") { proved in
        filter.mayMatch(proved.event, ledgerTime: proved.record.entry.ledgerTime, author: proved.record.author.id)
      }
      let isDescending = asked.orderDirection == .descending
      let order: EventOrder?
      do { order = try EventOrder(asked) } catch { throw error.under("events") }
      let events =
        order?.sorted(pack.events, isDescending: isDescending) { $0.event.event }
        ?? (isDescending ? pack.events.reversed() : pack.events)
      return (.events(asked.filter), events)
    case .trace, nil:
      throw .malformed("MISSING_QUESTION", field: "question", "one of history, events, trace must be present")
    }
  }

  /// What this verifier does not know of a question it cannot check.
  private static func requireKnown<Question: Message & Equatable>(
    _ question: Question, _ field: String
  ) throws(Failure) {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    let bytes = try BatchBuilder.serialize(question)
    guard (try? Question(serializedBytes: bytes, options: options)) == question else {
      throw .malformed("UNKNOWN_FIELD", field: field, "it asks for something that this version does not know")
    }
  }

  /// Then by place, in which they come.
  private static func byEventTime(_ events: [ProvedEvent]) -> [ProvedEvent] {
    events.enumerated().sorted {
      ($0.element.event.eventTime, $0.offset) < ($1.element.event.eventTime, $1.offset)
    }.map(\.element)
  }

  private static func require(
    _ pack: VerifiedPack, _ otherwise: String, _ isWanted: (ProvedEvent) -> Bool
  ) throws(Failure) {
    for proved in pack.events where !isWanted(proved) {
      let place = "\(proved.record.position).\(proved.record.index)"
      throw .malformed("NOT_AN_ANSWER", field: "evidence", "the event at \(place) was not asked for: \(otherwise)")
    }
  }
}
