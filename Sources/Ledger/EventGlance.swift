package import FoundationEssentials

/// What can be told of a record's event without parsing it: some hundred nanoseconds where parsing takes microseconds.
package struct EventGlance: Hashable, Sendable {
  private static let provenance: UInt64 = 2
  private static let event: UInt64 = 1
  private static let bizStep: UInt64 = 16

  /// The business step as written; empty where there is none. Where `ParsedRecord` takes the record, the two agree.
  package private(set) var bizStep = ""

  /// Nil for what has groups or is no protobuf: it must be parsed to be known.
  package init?(record bytes: Data) {
    let isWhole = bytes.withUnsafeBytes { raw in
      Self.walk(raw) { number, record in
        guard number == Self.provenance else { return true }
        return Self.walk(record) { number, statement in
          guard number == Self.event else { return true }
          return Self.walk(statement) { number, value in
            // Of a field that stands there twice the last counts, as in every protobuf parser.
            if number == Self.bizStep { bizStep = String(decoding: value, as: UTF8.self) }
            return true
          }
        }
      }
    }
    if !isWhole { return nil }
  }

  /// Visits the length-delimited fields until one is refused; false then, and for what is not a message.
  private static func walk(
    _ bytes: UnsafeRawBufferPointer, _ visit: (UInt64, UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    var fields = FieldCursor(bytes)
    while !fields.isAtEnd {
      guard let field = fields.next() else { return false }
      guard let payload = field.payload else { continue }
      guard visit(field.number, UnsafeRawBufferPointer(rebasing: bytes[payload])) else { return false }
    }
    return true
  }
}
