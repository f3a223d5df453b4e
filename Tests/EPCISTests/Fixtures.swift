import EPCIS
import Foundation
import Primitives

/// Files under fixtures/, found from this file's own place.
enum Fixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures")

  static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: path))) }

  static func lines(_ path: String) throws -> [String] {
    String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Names in a folder that end so, sorted, without the ending.
  static func names(in folder: String, ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  static func open(_ path: String) throws -> EventDocument { try EPCISReader.open(bytes(path)) }
}

/// What a body throws, which must be a `Failure`.
func failure<Value>(_ body: () throws -> Value) -> Failure? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? Failure
  }
}

extension JSONValue {
  /// The value with every object's members sorted by the bytes of their names.
  var sorted: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.sorted))
    case .object(let members):
      .object(
        members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      )
    default: self
    }
  }

  /// The object with one member changed, or taken away.
  func replacing(_ name: String, with value: JSONValue?) -> JSONValue {
    guard case .object(let members) = self else { return self }
    let rest = members.filter { $0.name != name }
    return .object(value.map { rest + [Member(name, $0)] } ?? rest)
  }

  static func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }
}
