import Primitives
import Provenance
package import Wire

/// An item's history, the way people read it: from top to bottom.
package struct Timeline: Sendable {
  private static let labelWidth = 10

  private let style: Style
  private let width: Int?

  private let item: String?
  private let names: SubjectNames

  /// Lines about `item`, canonical, of at most `width` columns, or as long as they are.
  package init(of item: String?, names: SubjectNames = .none, style: Style, width: Int?) {
    self.item = item
    self.names = names
    self.style = style
    self.width = width
  }

  /// The lines about one event, and the way to where it took place. `isLast` leaves the line to the next event out.
  package func lines(_ recorded: Cairn_V1_RecordedEvent, after leg: Journey.Leg? = nil, isLast: Bool) -> [String] {
    let words = EventWords(recorded.event, about: item, names: names)
    let time = words.time.visible
    let headline = fitted(words.headline.visible, after: time.displayWidth + 4)
    var lines = ["\(style(.accent, "●")) \(time)  \(style(.heading, headline))"]
    if !words.bizStep.isEmpty { lines.append(line("event", words.kind)) }
    if let leg { lines.append(line("moved", leg.words)) }
    lines += words.lines.map { line($0.label, $0.text, role: $0.label == "declares" ? .warning : nil) }
    if !recorded.event.eventID.isEmpty { lines.append(line("event id", recorded.event.eventID)) }
    lines.append(line("signed by", "\(recorded.memberID), key \(Self.short(recorded.authorKeyID))"))
    if recorded.authorCompromised {
      lines.append(line("warning", "others had this key when the ledger ordered this event", role: .bad))
    }
    if EventHash.isFalselyClaimed(by: recorded.event) {
      lines.append(line("warning", "its id says that it is the event's hash, and is not", role: .warning))
    }
    let ledgerTime = RecordedTime(recorded.ledgerTimeMicroseconds).text
    lines.append(line("recorded", "\(ledgerTime), position \(recorded.position).\(recorded.recordIndex)"))
    lines.append("\(style(.faint, "│ record    "))\(Hex.encode(recorded.recordID.prefix(Digest.byteCount)))")
    if !isLast { lines.append(style(.faint, "│")) }
    return lines
  }

  private func line(_ label: String, _ text: String, role: Style.Role? = nil) -> String {
    let text = fitted(text.visible, after: Self.labelWidth + 2)
    let labelled = style(.faint, label.padded(to: Self.labelWidth))
    return "\(style(.faint, "│")) \(labelled)\(role.map { style($0, text) } ?? text)"
  }

  private func fitted(_ text: String, after columns: Int) -> String {
    width.map { text.fitted(to: max(8, $0 - columns)) } ?? text
  }

  /// The first 16 characters of an id in hexadecimal.
  package static func short(_ id: some Collection<UInt8>) -> String { Hex.encode(id.prefix(8)) }
}

/// A time that somebody else gave in microseconds, whatever it is.
package struct RecordedTime: Hashable, Sendable {
  /// In UTC, for example `2026-03-01 07:30:00.25 UTC`.
  package let text: String

  /// Microseconds since 1970-01-01T00:00:00Z.
  package init(_ microseconds: Int64) {
    let text = Instant(microseconds: microseconds).description
    self.text = text.hasSuffix("Z") ? text.dropLast().replacing("T", with: " ") + " UTC" : text
  }
}
