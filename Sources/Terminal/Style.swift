/// Colours and weights of text on a terminal; nothing at all elsewhere.
package struct Style: Hashable, Sendable {
  /// What a piece of text is, rather than how it looks.
  package enum Role: String, Hashable, Sendable {
    case heading = "1"
    case faint = "2"
    case good = "32"
    case bad = "1;31"
    case warning = "33"
    case accent = "36"
  }

  private let isOn: Bool

  /// Colours, or none.
  package init(isOn: Bool) { self.isOn = isOn }

  /// Text without any.
  package static let plain = Style(isOn: false)

  /// The text in its role.
  package func callAsFunction(_ role: Role, _ text: String) -> String {
    isOn ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
  }
}
