import EPCIS
import Primitives
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

@Suite struct RoundTripTests {
  @Test func whateverIsWrittenReadsTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = RandomEvents(generator: SplitMix64(seed: seed))
    for _ in 0..<100 {
      let event = random.event()
      let written = try EPCISWriter.event(event)
      for bytes in [JSONWriter.compact(written), JSONWriter.pretty(written)] {
        #expect(try JSONParser.parse(bytes) == written, "seed \(seed)")
        let read = try EPCISReader.open(bytes).event(at: 0)
        #expect(read.event == event, "seed \(seed)")
        #expect(try read.event.serializedBytes() as [UInt8] == event.serializedBytes(), "seed \(seed)")
      }
    }
  }

  /// A document changes an event in one case only: GS1's context comes first where the events agree on no context.
  @Test func whateverStandsInADocumentReadsTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = RandomEvents(generator: SplitMix64(seed: seed))
    for count in 1...20 {
      var events = (0..<count).map { _ in random.event() }
      for index in events.indices { events[index].contexts.insert(events[0].contexts[0], at: 0) }
      let written = try EPCISWriter.document(events, createdAt: Instant(microseconds: 0))
      let reading = try EPCISReader.open(JSONWriter.compact(written)).readAll()
      #expect(reading.failures == [], "seed \(seed)")
      #expect(reading.events.map(\.event) == events, "seed \(seed)")
    }
  }

  /// Bytes of real documents, changed at random: a failure or an answer, never a crash.
  @Test func damagedTextNeverCrashes() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SplitMix64(seed: seed)
    let original = try Fixtures.bytes("epcis/documents/object_event_all_fields.jsonld")
    var refusals = 0
    for _ in 0..<200 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0 ... .max, using: &generator)
      }
      if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
      guard let document = try? EPCISReader.open(bytes) else {
        refusals += 1
        continue
      }
      let reading = document.readAll()
      #expect(reading.events.count + reading.failureCount == document.count, "seed \(seed)")
      for read in reading.events { #expect(throws: Never.self) { try EPCISWriter.event(read.event) } }
    }
    #expect(refusals > 0, "seed \(seed)")
  }
}
