import Foundation
import Primitives

/// The vectors under fixtures/signing, made by make_vectors.py.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/signing")

  /// The names of the files in a subfolder that begin and end so.
  static func names(in subfolder: String, prefix: String = "", suffix: String = ".json") -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path())
    return (names ?? []).filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.sorted()
  }

  static func load<Value: Decodable>(_ subfolder: String, _ name: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: "\(subfolder)/\(name)")))
  }

  static func text(_ subfolder: String, _ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(subfolder)/\(name)"), encoding: .utf8)
  }
}

/// Bytes written as hexadecimal in JSON.
struct HexBytes: Decodable {
  let bytes: [UInt8]

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let bytes = Hex.decode(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
    }
    self.bytes = bytes
  }
}
