import Foundation
import Merkle
import Primitives

/// The vectors under fixtures/merkle, made by make_vectors.py.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/merkle")

  static func names(in subfolder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path())
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
  }

  static func load<Value: Decodable>(_ path: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: path)))
  }

  /// The leaf hashes of the entries `leaf 0`, `leaf 1`, …
  static func leaves(_ count: Int) -> [Digest] {
    (0..<count).map { MerkleTree.leafHash(Array("leaf \($0)".utf8)) }
  }
}

/// A digest written as hexadecimal in JSON.
struct HexDigest: Decodable {
  let digest: Digest

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let digest = Digest(hex: text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
    }
    self.digest = digest
  }
}

/// A generator that repeats itself from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension Digest {
  /// The same digest with one bit of one byte turned.
  func flipped(byte: Int) -> Digest {
    Digest { target in
      withUnsafeBytes { target.copyMemory(from: $0) }
      target[byte] ^= 0x10
    }
  }
}
