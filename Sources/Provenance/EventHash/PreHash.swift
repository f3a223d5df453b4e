package import Wire

/// The text that an event's hash is taken of: what the event says, in one canonical form, whatever its spelling, its
/// order and its syntax (CBV 2.0, section 8.9).
package struct PreHash: Sendable {
  /// How the standard's rules are read: they have been implemented in more ways than one.
  package enum Reading: Sendable, CaseIterable {
    /// As they are described: user extensions inside a standard field stand behind its own members.
    case inPlace
    /// User extensions inside a standard field stand at the end of the event, each behind the name of its field, and the
    /// name `sensorElementList` is left out.
    case atTheEnd
    /// As the reference implementation (1.9.3) orders what is described otherwise, and writes truth values.
    case reference
  }

  /// Where the GS1 web vocabulary is, of which sensor reports take their words: it has moved.
  package enum WebVocabulary: String, Sendable, CaseIterable {
    /// Its address when CBV 2.0 was published.
    case published = "https://gs1.org/voc/"
    /// Its address now, which GS1's context file has come to name, in place, under the same version.
    case current = "https://ref.gs1.org/voc/"
  }

  /// The longest text that is hashed, in bytes: prefixes may blow an event up, but not without end.
  package static let maximumByteCount = 4 << 20

  /// The text in UTF-8.
  package let bytes: [UInt8]
  /// Whether a truth value is in it.
  let hasTruthValue: Bool

  /// The canonical text of a valid event; nil where it would be longer than `maximumByteCount`.
  package init?(
    of event: Cairn_V1_Event, reading: Reading = .inPlace, webVocabulary: WebVocabulary = .published
  ) {
    let namespaces = Namespaces(event.contexts, webVocabulary: webVocabulary)
    var writer = PreHashWriter(namespaces: namespaces, reading: reading)
    writer.write(event)
    guard !writer.isTooLong else { return nil }
    bytes = writer.output
    hasTruthValue = writer.hasTruthValue
  }

  /// The readings that may make another text of the event than this one, which was made in place with the published
  /// address.
  func otherReadings(of event: Cairn_V1_Event) -> [(Reading, WebVocabulary)] {
    let readings = otherLayouts(of: event)
    let moved = namesWebVocabulary ? ([.inPlace] + readings).map { ($0, WebVocabulary.current) } : []
    return readings.map { ($0, .published) } + moved
  }

  private var namesWebVocabulary: Bool {
    let text = bytes.span
    return text.indices.contains { text[$0] == UInt8(ascii: "h") && text.hasPrefix("https://gs1.org/voc/", at: $0) }
  }

  private func otherLayouts(of event: Cairn_V1_Event) -> [Reading] {
    let hasSensors = !event.sensorElementList.elements.isEmpty
    var readings: [Reading] = []
    if hasSensors || !event.readPoint.extensions.isEmpty || !event.bizLocation.extensions.isEmpty {
      readings.append(.atTheEnd)
    }
    let parts = [
      hasSensors, !event.bizTransactionList.bizTransactions.isEmpty, !event.sourceList.sources.isEmpty,
      !event.destinationList.destinations.isEmpty, event.hasIlmd,
    ]
    let hasParent = event.type == .transaction && !event.parentID.isEmpty
    if hasTruthValue || hasParent || parts.filter(\.self).count > 1 { readings.append(.reference) }
    return readings
  }
}
