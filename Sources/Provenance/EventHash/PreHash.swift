package import Wire

/// The text that an event's hash is taken of: what the event says, in one canonical form, whatever its spelling, its
/// order and its syntax (CBV 2.0, section 8.9).
package struct PreHash: Sendable {
  /// Where user extensions inside a standard field stand; the rule has been read in two ways. With the second goes that
  /// the name `sensorElementList` is left out.
  package enum Reading: Sendable, CaseIterable {
    /// Behind the field's own members.
    case inPlace
    /// At the end of the event, each behind the name of its field.
    case atTheEnd
  }

  /// The longest text that is hashed, in bytes: prefixes may blow an event up, but not without end.
  package static let maximumByteCount = 4 << 20

  /// The text in UTF-8.
  package let bytes: [UInt8]

  /// The canonical text of a valid event; nil where it would be longer than `maximumByteCount`.
  package init?(of event: Cairn_V1_Event, reading: Reading = .inPlace) {
    var writer = PreHashWriter(namespaces: Namespaces(event.contexts), reading: reading)
    writer.write(event)
    guard !writer.isTooLong else { return nil }
    bytes = writer.output
  }

  /// Whether the two readings of the rule make two texts of the event.
  package static func isReadTwoWays(_ event: Cairn_V1_Event) -> Bool {
    (event.hasSensorElementList && !event.sensorElementList.elements.isEmpty)
      || (event.hasReadPoint && !event.readPoint.extensions.isEmpty)
      || (event.hasBizLocation && !event.bizLocation.extensions.isEmpty)
  }
}
