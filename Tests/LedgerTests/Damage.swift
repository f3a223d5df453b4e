import FoundationEssentials
import SeededRandom

/// What may happen to a serialized record: a byte changed or lost, a field before or behind it.
enum Damage {
  static func some(to record: Data, using random: inout SplitMix64) -> Data {
    var bytes = record
    let place = bytes.startIndex + Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: bytes[place] = .random(in: .min ... .max, using: &random)
    case 1: bytes = Bool.random(using: &random) ? part(using: &random) + bytes : bytes + part(using: &random)
    default: bytes.remove(at: place)
    }
    return bytes
  }

  /// A field of any kind: known, unknown, a group, a part of a visibility.
  private static func part(using random: inout SplitMix64) -> Data {
    let parts: [[UInt8]] = [
      [0x3A, 0x02, 0x08, 0x01], [0x3A, 0x00], [0x38, 0x01], [0x3A, 0x80, 0x00], [0xBA, 0x80, 0x00, 0x02, 0x08, 0x02],
      [0x53, 0x54], [0x53, 0x3A, 0x02, 0x08, 0x01, 0x54], [0x4D, 1, 2, 3, 4], [0x49, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x3A, 0x06, 0x12, 0x04, 0x61, 0x63, 0x6D, 0x65], [0x12, 0x00], [0x32, 0x00],
    ]
    return Data(parts.randomElement(using: &random) ?? [])
  }
}
