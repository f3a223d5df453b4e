import Checkpoints
import Consortium
package import Ledger
import Primitives
import Provenance
import Signing
import Wire

/// What an answer with proofs shows, for people and for programs.
package struct PackReport: Sendable {
  /// What no proof of what is in a log can show.
  package static let notProved = """
    that nothing was left out. Each event here is in the log as its author signed it and is what was asked for; a log \
    proves what is in it, not that there is nothing else, so whether these are all rests on the server that answered
    """

  let answer: VerifiedAnswer
  let evidence: VerifiedEvidence

  /// About an answer that has been verified.
  package init(_ answer: VerifiedAnswer) {
    self.answer = answer
    evidence = answer.pack.evidence
  }

  /// Whether the author of any of the events was in other hands when the ledger ordered it.
  package var isCompromised: Bool { answer.events.contains(where: \.isCompromised) }

  /// Lines of at most `width` columns, or as long as they are: the question, what holds, whose keys, and an event a line.
  package func lines(style: Style, width: Int?) -> [String] {
    let report = EvidenceReport(style: style, width: width)
    var lines = [style(.heading, question.visible), ""] + report.steps(of: evidence).flatMap(\.self)
    lines += report.passed("signatures", counts)
    if isCompromised {
      let count = answer.events.count(where: \.isCompromised)
      lines += report.warned(
        "compromised", "others had the key of \(count.counted("event")) when the ledger ordered it; see ! below")
    }
    if !answer.unchecked.isEmpty {
      lines += report.warned(
        "not checked", "whether the events are as \(uncheckedFields) say: master data decides that")
    }
    if case .trace(let trace) = answer.question {
      lines += report.passed(
        "trace",
        "\(trace.nodes.count.counted("thing")), \(trace.edges.count.counted("link")): followed again from the proved "
          + "events alone, it is what was answered")
      lines += [""] + TraceDrawing(trace, style: style, width: width).lines()
    }
    lines += [""] + keys.lines(style: style, width: width)
    lines += [""] + events.lines(style: style, width: width) + [""]
    for line in limits { lines += report.statement("? ", style(.warning, "not proved   "), line) }
    return lines
  }

  /// What was not shown, in sentences.
  package var limits: [String] {
    var limits = [Self.notProved]
    if answer.hidesEvents {
      limits.append("the item's other events: the server said that there are some, not open to the asker")
    }
    if case .trace(let trace) = answer.question,
      trace.stubs.contains(where: { $0.reason == .forbidden || $0.reason == .eventLimit })
    {
      limits.append("what the trace marks as forbidden or as more than 10,000 events: the server said so")
    }
    if !answer.unchecked.isEmpty {
      limits.append(
        "that the events are as the filter's \(uncheckedFields) say, as far as master data decides it: the server said so, "
          + "by what the asker could know of master data then")
    }
    if answer.isPartial { limits.append("further events that match: the asker did not want all of them") }
    return limits
  }

  private var uncheckedFields: String { answer.unchecked.joined(separator: ", ") }

  private var question: String {
    switch answer.question {
    case .history(let item): "history of \(item)"
    case .events: "events that match a filter"
    case .trace(let trace): "trace of \(trace.summary.item), direction \(TraceWords.word(trace.summary.direction))"
    }
  }

  private var counts: String {
    let batches = Set(evidence.records.map(\.position)).count
    let others = evidence.records.count - answer.events.count
    return "\(answer.events.count.counted("event")) in \(batches.counted("batch")) with \(others.counted("record")) "
      + "that show whose keys they are, each batch signed by its author's key"
  }

  /// The authors' keys and those by which they go back to genesis.
  private var keys: Table {
    var table = Table(["KEY", "MEMBER", "ROLES", "EVENTS", "LABEL", "REGISTERED"], flexible: ["LABEL", "REGISTERED"])
    let counts = Dictionary(grouping: answer.events, by: \.record.author.id).mapValues(\.count)
    for registration in evidence.registrations(of: answer.events.map(\.record)) {
      let key = registration.key
      table.add([
        Timeline.short(key.id.digest.bytes), "\(key.memberID)", "\(key.roles)",
        counts[key.id].map(\.grouped) ?? "", key.label,
        registration.words + (registration.isDoubtful ? " ! in other hands then" : ""),
      ])
    }
    return table
  }

  private var events: Table {
    var table = Table(
      ["TIME", "POSITION", "ORDERED", "STEP", "DISPOSITION", "WHAT", "WHERE", "MEMBER", "KEY"],
      flexible: ["DISPOSITION", "WHAT", "WHERE", "MEMBER"])
    for proved in answer.events {
      let words = EventWords(proved.event.event)
      table.add([
        words.time, "\(proved.record.position).\(proved.record.index)",
        RecordedTime(proved.record.entry.ledgerTime.microseconds).text, words.step, words.disposition,
        words.subject, words.place, proved.memberID?.description ?? "",
        (proved.isCompromised ? "! " : "") + Timeline.short(proved.record.author.id.digest.bytes),
      ])
    }
    return table
  }
}
