package import Consortium
package import FoundationEssentials
import SwiftProtobuf
import Wire

extension Visibility {
  /// For the author's member alone, and for those who read everything.
  package static let authorOnly = Visibility.parties([])

  /// Who may read a record, found without reading what it says: some hundred nanoseconds, and also for a record without
  /// effect. A record from which that cannot be told is for its author's member alone. Where `ParsedRecord` takes the
  /// record, the two agree.
  package init(ofRecord bytes: Data) {
    self = (RecordOutline(bytes)?.visibility ?? Self.decoded(bytes)) ?? .authorOnly
  }

  /// The same from the whole record, for what the outline does not understand.
  private static func decoded(_ bytes: Data) -> Visibility? {
    guard let record = try? Cairn_V1_Record(serializedBytes: bytes) else { return nil }
    if case .consortium = record.body, !record.hasVisibility { return .public }
    return try? Visibility(record.hasVisibility ? record.visibility : nil)
  }
}

/// The top level of a serialized Record: which body it has, and its visibility. Nothing else is looked at.
private struct RecordOutline {
  private static let provenance: UInt64 = 2
  private static let consortium: UInt64 = 6
  private static let visibilityField: UInt64 = 7

  /// The field of the body: of several the last, as in every protobuf parser.
  private var body: UInt64?
  /// The serialized Visibility. Parts that stand apart are one message put together, as in every protobuf parser.
  private var stated: Data?

  /// Nil for what has groups or is no protobuf.
  init?(_ bytes: Data) {
    let isWhole = bytes.withUnsafeBytes { raw in
      var fields = FieldCursor(raw)
      while !fields.isAtEnd {
        guard let field = fields.next() else { return false }
        guard let payload = field.payload else { continue }
        switch field.number {
        case Self.provenance, Self.consortium: body = field.number
        case Self.visibilityField: stated = (stated ?? Data()) + Data(raw[payload])
        default: break
        }
      }
      return true
    }
    if !isWhole { return nil }
  }

  /// What the record says; nil for no Visibility that this version understands.
  var visibility: Visibility? {
    guard let stated else { return body == Self.consortium ? .public : .members }
    guard let wire = try? Cairn_V1_Visibility(serializedBytes: stated) else { return nil }
    return try? Visibility(wire)
  }
}
