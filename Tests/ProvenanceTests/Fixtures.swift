import Foundation
import Testing

/// The vectors under fixtures/provenance, made by make_identifiers.py.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/provenance")

  static let identifiers: [IdentifierCase] = names(in: "identifiers").flatMap { load("identifiers/\($0)") }
  static let refused: [RefusedCase] = load("refused.json")
  static let vocabulary: [VocabularyCase] = load("vocabulary.json")

  private static func names(in subfolder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path())
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
  }

  /// An unreadable file gives no cases; the tests that count them then fail.
  private static func load<Value: Decodable>(_ path: String) -> [Value] {
    let data = try? Data(contentsOf: folder.appending(path: path))
    return (try? JSONDecoder().decode([Value].self, from: data ?? Data())) ?? []
  }
}

/// Spellings that mean one identifier.
struct IdentifierCase: Decodable, Sendable, CustomTestStringConvertible {
  let scheme: String
  let level: String
  let canonical: String
  let spellings: [String]

  var testDescription: String { canonical }
}

/// A text that is no identifier.
struct RefusedCase: Decodable, Sendable, CustomTestStringConvertible {
  let reason: String
  let text: String

  var testDescription: String { "\(reason) \(text.prefix(80))" }
}

/// Spellings of one standard value.
struct VocabularyCase: Decodable, Sendable, CustomTestStringConvertible {
  let vocabulary: String
  let canonical: String
  let spellings: [String]

  var testDescription: String { canonical }
}
