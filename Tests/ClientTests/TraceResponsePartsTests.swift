import Client
import Primitives
import SwiftProtobuf
import Testing
import Wire

@Suite struct TraceResponsePartsTests {
  /// A field that this version does not know stands for those that it will know one day.
  @Test func nothingOfAPartIsForgotten() throws {
    let first = Cairn_V1_TraceResponse.with {
      $0.summary.item = "urn:x:item"
      $0.nodes = [.with { $0.id = "urn:x:item" }]
      $0.stubs = [.with { $0.reason = .forbidden }]
      $0.evidence.version = 1
      $0.evidence.checkpoint = "note"
      $0.evidence.records = [.init([1])]
    }
    let second = Cairn_V1_TraceResponse.with {
      $0.nodes = [.with { $0.id = "urn:x:box" }]
      $0.edges = [.with { $0.toNode = 1 }]
      $0.stubs = [.with { $0.node = 1 }]
      $0.events = [.with { $0.eventTimeMicroseconds = 1 }]
      $0.consulted = [.with { $0.eventTimeMicroseconds = 2 }]
      $0.described = [.with { $0.subject = "urn:x:place" }]
      $0.evidence.records = [.init([2])]
    }
    let unknown: [UInt8] = [0x9A, 0x06, 1, 7]
    let bytes = try first.serializedBytes() as [UInt8] + second.serializedBytes() + unknown
    var whole = Cairn_V1_TraceResponse()
    try whole.add(first)
    try whole.add(Cairn_V1_TraceResponse(serializedBytes: second.serializedBytes() as [UInt8] + unknown))
    #expect(try whole == Cairn_V1_TraceResponse(serializedBytes: bytes))
    #expect(whole.described.map(\.subject) == ["urn:x:place"])
    #expect(whole.evidence.records == [.init([1]), .init([2])])
    #expect(Array(whole.unknownFields.data) == unknown)
  }

  @Test func anEdgeOfSeveralPartsIsOne() throws {
    func part(_ openedBy: UInt32...) -> Cairn_V1_TraceResponse {
      .with {
        $0.edges = openedBy.map { number in
          .with {
            $0.kind = .contained
            $0.toNode = 1
            $0.spans = [.with { $0.openedBy = number }]
          }
        }
      }
    }
    var whole = Cairn_V1_TraceResponse()
    for next in [part(1), part(2, 3)] { try whole.add(next) }
    #expect(whole.edges.map { $0.spans.map(\.openedBy) } == [[1, 2, 3]])
  }
}
