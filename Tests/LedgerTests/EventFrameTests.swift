import FoundationEssentials
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

@testable import Ledger

/// Where a record has a plain frame, what is in it is what decoding the whole record gives.
@Suite struct EventFrameTests {
  private static func record(_ audience: Cairn_V1_Audience?) throws -> Data {
    try BatchBuilder.serialize(
      Cairn_V1_Record.with {
        $0.salt = Data(repeating: 7, count: 16)
        $0.provenance.event.type = .object
        $0.provenance.event.eventTime.microseconds = 1_780_000_000_000_000
        $0.provenance.event.epcList.items = ["https://id.gs1.org/01/09521321000018/21/B"]
        if let audience { $0.visibility.audience = audience }
      })
  }

  @Test func aPlainRecordHasOne() throws {
    let frame = try #require(EventFrame(try Self.record(.public)))
    #expect(frame.saltByteCount == 16)
    #expect(try frame.visibility()?.audience == .public)
    #expect(try frame.event().epcList.items.count == 1)
    // Also where the bytes are a part of others.
    let slice = (Data([1, 2, 3]) + (try Self.record(nil)))[3...]
    let inside = try #require(EventFrame(slice))
    #expect(try inside.event() == Cairn_V1_Record(serializedBytes: slice).provenance.event)
    #expect(try inside.visibility() == nil)
  }

  @Test func otherRecordsHaveNone() throws {
    let plain = try Self.record(nil)
    #expect(EventFrame(Data()) == nil)
    #expect(EventFrame(try BatchBuilder.serialize(Cairn_V1_Record(change: .revokeKey(.init()), salt: Data()))) == nil)
    #expect(EventFrame(try BatchBuilder.serialize(Cairn_V1_Record.with { $0.provenance.masterData = .init() })) == nil)
    #expect(EventFrame(plain + plain) == nil)
    #expect(EventFrame(plain + [0x42, 0x00]) == nil)
    #expect(EventFrame(plain.dropLast()) == nil)
  }

  /// Also how deep an event's extensions may go.
  @Test func depthIsLimitedAlike() throws {
    for depth in 30...60 {
      var value = Cairn_V1_ExtensionValue.with { $0.text = "x" }
      for _ in 0..<depth { value = .with { $0.list.values = [value] } }
      let record = try BatchBuilder.serialize(
        Cairn_V1_Record.with { $0.provenance.event.extensions = [.with { $0.value = value }] })
      let frame = try #require(EventFrame(record))
      #expect((try? frame.event()) == (try? Cairn_V1_Record(serializedBytes: record))?.provenance.event)
    }
  }

  @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)]) func theTwoAgree(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var framed = 0
    for number in 0..<20_000 {
      let record = Damage.some(to: try Self.record([nil, .public, .members][number % 3]), using: &random)
      guard let frame = EventFrame(record) else { continue }
      framed += 1
      let whole = try? Cairn_V1_Record(serializedBytes: record)
      let parts = try? (event: frame.event(), visibility: frame.visibility())
      #expect(parts?.event == whole?.provenance.event, "seed \(seed): \([UInt8](record))")
      #expect(parts?.visibility == (whole?.hasVisibility == true ? whole?.visibility : nil))
      #expect(whole == nil || frame.saltByteCount == whole?.salt.count)
    }
    #expect(framed > 1_000)
  }
}
