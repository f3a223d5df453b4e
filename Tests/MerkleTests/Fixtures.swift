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

extension Digest {
  /// The same digest with one bit of one byte turned.
  func flipped(byte: Int) -> Digest {
    Digest { target in
      withUnsafeBytes { target.copyMemory(from: $0) }
      target[byte] ^= 0x10
    }
  }
}
