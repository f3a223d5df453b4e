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

/// Walks the fields of a protobuf message without descending into any.
private struct FieldCursor {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  /// A field's number and, where it is length-delimited, where its content is. Nil for what is not a field.
  mutating func next() -> (number: UInt64, payload: Range<Int>?)? {
    guard let tag = varint(), tag <= UInt64(UInt32.max), tag >> 3 > 0 else { return nil }
    switch tag & 7 {
    case 0: return varint().map { _ in (tag >> 3, nil) }
    case 1: return skip(8).map { _ in (tag >> 3, nil) }
    case 2: return varint().flatMap { skip($0) }.map { (tag >> 3, $0) }
    case 5: return skip(4).map { _ in (tag >> 3, nil) }
    default: return nil
    }
  }

  private mutating func skip(_ count: UInt64) -> Range<Int>? {
    guard count <= UInt64(bytes.count - offset) else { return nil }
    defer { offset += Int(count) }
    return offset..<offset + Int(count)
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}
