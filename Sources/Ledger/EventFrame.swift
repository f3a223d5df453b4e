import FoundationEssentials
import SwiftProtobuf
import Wire

/// The frame of a record that holds one event and nothing unknown, which nearly every record is: it is read here without
/// being decoded, so that only the event itself has to be. Where there is one, decoding the whole record finds the same.
struct EventFrame {
  private static let salt: UInt64 = 1
  private static let provenance: UInt64 = 2
  private static let visibility: UInt64 = 7
  private static let event: UInt64 = 1
  /// An event stands two messages deep in a record, where a hundred are allowed.
  private static let decoding = {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit -= 2
    return options
  }()

  private let record: Data
  private let saltRange: Range<Int>?
  private let visibilityRange: Range<Int>?
  private let eventRange: Range<Int>

  /// Nil for every other record, also for what is none, and for fields that stand there twice.
  init?(_ record: Data) {
    var fields: (salt: Range<Int>?, visibility: Range<Int>?, provenance: Range<Int>?) = (nil, nil, nil)
    var event: Range<Int>?
    let isPlain = record.withUnsafeBytes { raw in
      var cursor = FieldCursor(raw)
      while !cursor.isAtEnd {
        guard let field = cursor.next(), let payload = field.payload else { return false }
        switch field.number {
        case Self.salt where fields.salt == nil: fields.salt = payload
        case Self.visibility where fields.visibility == nil: fields.visibility = payload
        case Self.provenance where fields.provenance == nil: fields.provenance = payload
        default: return false
        }
      }
      guard let provenance = fields.provenance else { return false }
      var statement = FieldCursor(UnsafeRawBufferPointer(rebasing: raw[provenance]))
      guard let field = statement.next(), field.number == Self.event, let payload = field.payload, statement.isAtEnd
      else { return false }
      event = provenance.lowerBound + payload.lowerBound..<provenance.lowerBound + payload.upperBound
      return true
    }
    guard isPlain, let event else { return nil }
    self.record = record
    saltRange = fields.salt
    visibilityRange = fields.visibility
    eventRange = event
  }

  var saltByteCount: Int { saltRange?.count ?? 0 }

  /// What the record says about its readers; nil where it says nothing.
  func visibility() throws -> Cairn_V1_Visibility? {
    try visibilityRange.map { try Cairn_V1_Visibility(serializedBytes: bytes($0)) }
  }

  func event() throws -> Cairn_V1_Event {
    try Cairn_V1_Event(serializedBytes: bytes(eventRange), options: Self.decoding)
  }

  private func bytes(_ range: Range<Int>) -> Data {
    record[record.startIndex + range.lowerBound..<record.startIndex + range.upperBound]
  }
}
