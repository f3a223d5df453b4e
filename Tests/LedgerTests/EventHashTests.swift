import EPCIS
import Foundation
import Ledger
import Primitives
import Provenance
import Testing
import Wire

@Suite("Event hash")
struct EventHashTests {
  /// A document and what epcis-event-hash-generator 1.9.3 makes of each of its events.
  struct Vector {
    let events: [Cairn_V1_Event]
    let preHashes: [String]
    let hashes: [String]

    init(_ path: String) throws {
      let json = try EventHashFixtures.object(try EventHashFixtures.data(path))
      events = try EventHashFixtures.events(json["document"])
      preHashes = try #require(json["preHashes"] as? [String])
      hashes = try #require(json["hashes"] as? [String])
    }
  }

  @Test("agrees with an independent implementation", arguments: try EventHashFixtures.vectors())
  func golden(_ path: String) throws {
    let vector = try Vector(path)
    try #require(!vector.events.isEmpty && vector.events.count == vector.hashes.count)
    for (index, event) in vector.events.enumerated() {
      _ = try ValidatedEvent(event)
      let text = try #require(PreHash(of: event))
      #expect(String(decoding: text.bytes, as: UTF8.self) == vector.preHashes[index], "event \(index)")
      #expect(EventHash(of: event)?.description == vector.hashes[index], "event \(index)")
    }
  }

  @Test("agrees with the examples of the algorithm's own description, in both readings")
  func published() throws {
    let json = try JSONSerialization.jsonObject(with: EventHashFixtures.data("published.json"))
    let examples = try #require(json as? [[String: Any]])
    #expect(examples.count == 3)
    for example in examples {
      let event = try #require(try EventHashFixtures.events(example["document"]).first)
      #expect(EventHash(of: event)?.digest.description == example["inPlace"] as? String)
      #expect(EventHash(of: event, reading: .atTheEnd)?.digest.description == example["atTheEnd"] as? String)
    }
  }
}

/// The vectors under fixtures/eventhash.
enum EventHashFixtures {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures/eventhash")

  static func vectors() throws -> [String] {
    let cases = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "cases").path())
    return cases.filter { $0.hasSuffix(".json") }.sorted().map { "cases/\($0)" } + ["assembled.json", "generated.json"]
  }

  static func data(_ path: String) throws -> Data { try Data(contentsOf: folder.appending(path: path)) }

  static func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  static func events(_ document: Any?) throws -> [Cairn_V1_Event] {
    let bytes = try JSONSerialization.data(withJSONObject: try #require(document))
    let document = try EPCISReader.open(Array(bytes))
    return try (0..<document.count).map { try document.event(at: $0).event }
  }
}
