import Foundation
import Primitives
import Testing

/// The vectors under fixtures/checkpoints, made by make_vectors.py with aics-tlog.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/checkpoints")

  static func names(in subfolder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path())
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
  }

  static func load<Value: Decodable>(_ path: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: path)))
  }
}

/// The reason of the failure that the body throws; nil where it throws none.
func reason(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return (error as? Failure)?.reason ?? "not a Failure: \(error)"
  }
}
