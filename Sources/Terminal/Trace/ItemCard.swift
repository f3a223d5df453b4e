import Primitives
import Provenance
package import Wire

/// The state of an item as people read it: label by label, each with the event that says so.
package struct ItemCard: Sendable {
  private static let labelWidth = 13
  private static let listed = 5

  private let state: Cairn_V1_GetItemResponse
  private let style: Style
  private let width: Int
  private let names: SubjectNames

  /// A state; 100 columns wide where `width` is nil.
  package init(_ state: Cairn_V1_GetItemResponse, style: Style, width: Int?) {
    self.state = state
    self.style = style
    self.width = width ?? 100
    names = SubjectNames(state.described)
  }

  /// The lines.
  package func lines() -> [String] {
    let count = Int(state.eventCount).counted("event")
    var lines = [style(.heading, state.item.visible)]
    if let name = names.name(of: state.item) { lines.append(name.visible) }
    lines.append(style(.faint, "\(count) · log size \(state.logSize.grouped) · times are UTC"))
    if state.forbiddenEvents {
      lines.append(style(.warning, "FORBIDDEN: it or what it is in has other events, which are not open to you"))
    }
    if state.cutOff {
      lines.append(style(.warning, "EVENT_LIMIT: it or what it is in has more events than are looked at"))
    }
    lines.append("")
    return lines + facts.flatMap { line($0.label, $0.text) } + links.flatMap { line($0.label, $0.text) } + events
  }

  private var facts: [EventWords.Line] {
    var facts: [EventWords.Line] = []
    if state.hasPlace {
      let label = state.place.isReadPoint ? "last seen at" : "place"
      facts.append((label, "\(names.label(state.place.id))\(Self.since(state.place.event))"))
    }
    if state.hasDisposition { facts.append(("disposition", Self.disposition(state.disposition))) }
    facts += state.persistentDispositions.map { ("also", Self.disposition($0)) }
    if state.hasPossessor { facts.append(("in hands of", party(state.possessor))) }
    if state.hasOwner { facts.append(("owner", party(state.owner))) }
    if !state.lastMemberID.isEmpty { facts.append(("last word", state.lastMemberID)) }
    if !state.quantities.isEmpty { facts.append(("amount", TraceTimes.amount(state.quantities))) }
    if state.hasCreatedBy { facts.append(("made", Self.event(state.createdBy))) }
    if state.hasEndedBy { facts.append(("ended", Self.event(state.endedBy))) }
    return facts
  }

  private var links: [EventWords.Line] {
    lines(state.parents, of: state.parentCount) { $0.kind == .contained ? "in" : "joined to" }
      + lines(state.children, of: state.childCount) { $0.kind == .contained ? "holds" : "joined to" }
      + lines(state.transactions, of: state.transactionCount) { _ in "part of" }
  }

  private var events: [String] {
    [("first event", state.hasFirstEvent, state.firstEvent), ("last event", state.hasLastEvent, state.lastEvent)]
      .filter(\.1).flatMap { label, _, traced in
        let words = EventWords(traced.recorded.event)
        let time = TraceTimes.minute(traced.eventTimeMicroseconds)
        let place = words.place.isEmpty ? "" : " at \(names.label(words.place))"
        return line(label, "\(time)  \(words.headline)\(place), \(traced.recorded.memberID)")
      }
  }

  private func line(_ label: String, _ text: String) -> [String] {
    let wrapped = text.visible.wrapped(to: max(16, width - Self.labelWidth))
    return wrapped.enumerated().map { number, part in
      (number == 0 ? style(.faint, label.padded(to: Self.labelWidth)) : String(repeating: " ", count: Self.labelWidth))
        + part
    }
  }

  private func lines(
    _ links: [Cairn_V1_StatedLink], of count: UInt32, _ label: (Cairn_V1_StatedLink) -> String
  ) -> [EventWords.Line] {
    let shown = links.prefix(Self.listed).map { link in
      let amount = link.quantities.isEmpty ? "" : "  \(TraceTimes.amount(link.quantities))"
      return (label: label(link), text: names.label(link.id) + amount + Self.since(link.since))
    }
    guard Int(count) > Self.listed, let last = shown.last else { return shown }
    return shown + [(last.label, "and \((Int(count) - Self.listed).grouped) more; --json lists up to 1,000")]
  }

  private static func disposition(_ stated: Cairn_V1_StatedValue) -> String {
    EventWords.word(stated.value, of: .disposition) + since(stated.event)
  }

  private func party(_ stated: Cairn_V1_StatedValue) -> String {
    names.label(stated.value) + Self.since(stated.event)
  }

  private static func since(_ event: Cairn_V1_EventReference) -> String {
    "  since \(TraceTimes.minute(event.eventTimeMicroseconds))"
  }

  private static func event(_ event: Cairn_V1_EventReference) -> String {
    "\(TraceTimes.minute(event.eventTimeMicroseconds)), \(event.memberID), record \(event.position).\(event.recordIndex)"
  }
}
