/// Walks the fields of a protobuf message without descending into any.
struct FieldCursor {
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
