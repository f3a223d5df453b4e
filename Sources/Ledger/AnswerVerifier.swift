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
  }

  package let question: Question
  /// The proofs.
  package let pack: VerifiedPack
  /// The events: of a history in order of event time, otherwise in order of the ledger.
  package let events: [ProvedEvent]
  /// The server said that there are events which the asker may not read.
  package let hidesEvents: Bool
  /// The asker did not want all events.
  package let isPartial: Bool
}

/// Checks an answer and its proofs with nothing but what the auditor trusts.
package enum AnswerVerifier {
  /// What the file says of its format.
  package static let format = "cairn-pack/1"

  /// Verifies the proofs, and that each proved event is what was asked for. Failures name their step as those of
  /// `PackVerifier` do, FILE where the format is another, and ANSWER where the answer is not to the question.
  package static func verify(
    _ answer: Cairn_V1_ProvedAnswer, trust: EvidenceVerifier.Trust
  ) throws(Failure) -> VerifiedAnswer {
    guard answer.format == format, answer.unknownFields.data.isEmpty else {
      throw .step("FILE", "UNKNOWN_FORMAT", field: "format", "\(format) without unknown fields expected")
    }
    let pack: VerifiedPack
    do { pack = try PackVerifier.verify(answer.evidence, trust: trust) } catch { throw error.under("evidence") }
    let (question, events) = try within("ANSWER") { () throws(Failure) in try check(answer.question, against: pack) }
    return VerifiedAnswer(
      question: question, pack: pack, events: events, hidesEvents: answer.forbiddenEvents, isPartial: answer.partial)
  }

  private static func check(
    _ question: Cairn_V1_ProvedAnswer.OneOf_Question?, against pack: VerifiedPack
  ) throws(Failure) -> (VerifiedAnswer.Question, [ProvedEvent]) {
    switch question {
    case .history(let asked):
      let item: Identifier
      do { item = try Identifier(asked.item) } catch {
        throw .malformed(error.reason, field: "history.item", error.message)
      }
      try require(pack, "it does not speak of \(item.canonical)") { proved in
        proved.event.items.contains { $0.canonical == item.canonical }
      }
      let events = pack.events.enumerated()
        .sorted { ($0.element.event.eventTime, $0.offset) < ($1.element.event.eventTime, $1.offset) }
      return (.history(item: item.canonical), events.map(\.element))
    case .events(let asked):
      let filter: EventFilter
      do { filter = try EventFilter(asked.filter) } catch { throw error.under("events.filter") }
      try require(pack, "it does not match the filter") { proved in
        filter.matches(proved.event, ledgerTime: proved.record.entry.ledgerTime, author: proved.record.author.id)
      }
      return (.events(asked.filter), pack.events)
    case nil: throw .malformed("MISSING_QUESTION", field: "question", "one of history, events must be present")
    }
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
