import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

@testable import Queries

/// The ledger answers as a list of what the caller may read would.
@Suite struct TraceTests {
  static let seeds: [UInt64] = [1, 2, .random(in: .min ... .max)]

  @Test(arguments: seeds) func everyoneGetsTheTraceOfWhatMayBeRead(seed: UInt64) async throws {
    let journey = try Journey(seed: seed)
    var random = SplitMix64(seed: seed)
    for party in Party.allCases {
      for _ in 0..<6 {
        let request = Self.request(journey, using: &random)
        var source = journey.source(for: party)
        let expected = try await Trace.following(TraceQuestion(request), in: &source)
        let answer = try await journey.exchange.trace(request, by: party)
        let context: Comment = "seed \(seed), \(party), \(request)"
        #expect(answer.nodes == expected.nodes.map(\.wire), context)
        #expect(answer.edges == expected.edges.map { $0.wire($0.spans) }, context)
        #expect(answer.stubs == expected.stubs.map(\.wire), context)
        #expect(answer.events.map(\.recorded.recordID) == journey.ids(expected.events.map(\.place)), context)
        #expect(answer.events.map(\.standing) == expected.events.map(\.standing.wire), context)
        #expect(answer.consulted.map(\.recorded.recordID) == journey.ids(expected.consulted), context)
        #expect(answer.summary.nodeCount == UInt32(expected.nodes.count))
        #expect(answer.events.allSatisfy { $0.recorded.hasEvent == request.includeEvents })
      }
    }
  }

  @Test(arguments: seeds) func everyoneGetsTheStateThatFollowsFromWhatMayBeRead(seed: UInt64) async throws {
    let journey = try Journey(seed: seed)
    for party in Party.allCases {
      for item in Journey.items + Journey.papers {
        var source = journey.source(for: party)
        let expected = try await ItemState.of(item, asOf: nil, knownAt: nil, in: &source)
        let request = Cairn_V1_GetItemRequest.with { $0.item = item }
        guard let expected else {
          let failure = await #expect(throws: Failure.self) {
            try await journey.exchange.queries.getItem(request, by: journey.exchange.caller(party))
          }
          #expect(failure?.reason == "UNKNOWN_ITEM", "seed \(seed), \(party), \(item)")
          continue
        }
        let answer = try await journey.exchange.queries.getItem(request, by: journey.exchange.caller(party))
        let context: Comment = "seed \(seed), \(party), \(item)"
        #expect(answer.place.id == expected.place?.id ?? "", context)
        #expect(answer.parents.map(\.id) == expected.parents.map(\.id), context)
        #expect(answer.children.map(\.id) == expected.children.map(\.id), context)
        #expect(answer.children.map(\.since.recordID) == journey.ids(expected.children.map(\.since.place)), context)
        #expect(answer.eventCount == UInt32(expected.events.count), context)
        #expect(answer.forbiddenEvents == expected.hidesEvents, context)
        #expect(answer.lastMemberID == expected.lastMember?.description ?? "", context)
        #expect([answer.lastEvent.recorded.recordID] == journey.ids([expected.lastEvent?.place].compactMap(\.self)))
      }
    }
  }

  @Test func nothingOfAnErasedRecordIsLeftAndNothingIsSaidToBeHidden() async throws {
    var journey = try Journey(seed: 3)
    let (child, parent) = ("urn:uuid:child", "urn:uuid:parent")
    try journey.record([(.seen(child), nil), (.packed(child, parent), nil)], by: .acmeDevice)
    let entry = try #require(journey.entries.last)
    #expect(try await journey.exchange.trace(.with { $0.item = child }, by: .acmeOperator).nodes.count == 2)
    try journey.exchange.decide(
      .redact(
        .with {
          $0.position = entry.placed.place.position
          $0.recordIndex = entry.placed.place.index
          $0.recordID = Data(MerkleTree.leafHash(entry.record).bytes)
        }))
    for party in [Party.acmeOperator, .auditor] {
      let answer = try await journey.exchange.trace(.with { $0.item = child }, by: party)
      #expect(answer.nodes.map(\.id) == [child])
      #expect(answer.stubs.isEmpty)
      #expect(answer.events.count == 1)
      let gone = try await journey.exchange.trace(.with { $0.item = parent }, by: party)
      #expect(gone.stubs.map(\.reason) == [.unknown])
    }
  }

  /// Far more postings than are looked up at once, most of them of records that are not to be read.
  @Test func hiddenEventsTakeNoRoom() async throws {
    var journey = try Journey(seed: 4)
    let item = "urn:uuid:busy"
    let hidden = Cairn_V1_Visibility.of(.parties, ["acme"])
    for number in 0..<24 {
      let statements = (0..<100).map { index in (Cairn_V1_Event.seen(item), index == number ? nil : hidden) }
      try journey.record(statements, by: .acmeDevice)
    }
    let answer = try await journey.exchange.trace(.with { $0.item = item }, by: .kiloPartner)
    #expect(answer.events.count == 24)
    #expect(answer.stubs.map(\.reason) == [.forbidden])
    #expect(try await journey.exchange.trace(.with { $0.item = item }, by: .auditor).events.count == 2_400)
  }

  private static func request(_ journey: Journey, using random: inout SplitMix64) -> Cairn_V1_TraceRequest {
    .with {
      $0.item = (Journey.items + Journey.papers + ["urn:uuid:never"]).randomElement(using: &random) ?? ""
      $0.direction = [.unspecified, .back, .forward, .both].randomElement(using: &random) ?? .both
      $0.maximumDepth = [0, 1, 2, 100].randomElement(using: &random) ?? 0
      $0.maximumNodes = [0, 1, 4, 100_000].randomElement(using: &random) ?? 0
      $0.includeEvents = .random(using: &random)
      let entry = journey.entries.randomElement(using: &random)?.placed
      if Bool.random(using: &random) { $0.asOf.microseconds = entry?.event.eventTime.microseconds ?? 0 }
      if Bool.random(using: &random) { $0.knownAt.microseconds = entry?.ledgerTime.microseconds ?? 0 }
    }
  }
}

@Suite struct ReadingAllowanceTests {
  @Test func whatOneAnswerHoldsAnotherCannot() throws {
    let allowance = ReadingAllowance(bytes: 10 << 20)
    var first: ReadingAllowance.Loan? = allowance.loan()
    try first?.take(11 << 20)
    let second = allowance.loan()
    try second.take(1 << 20)
    let failure = #expect(throws: Failure.self) { try second.take(1) }
    #expect(failure?.reason == "NODE_BUSY")
    #expect(failure?.retryAfterMilliseconds != nil)
    first = nil
    try second.take(10 << 20)
    #expect(second.bytes == 11 << 20)
  }
}

extension Exchange {
  /// The whole answer.
  func trace(_ request: Cairn_V1_TraceRequest, by party: Party) async throws -> Cairn_V1_TraceResponse {
    var whole = Cairn_V1_TraceResponse()
    try await queries.trace(request, by: caller(party)) {
      try whole.merge(serializedBytes: $0.serializedBytes() as [UInt8])
    }
    return whole
  }
}

extension Journey {
  /// The ids of the records at these places.
  func ids(_ places: [EventPlace]) -> [Data] {
    places.map { place in
      entries.first { $0.placed.place == place }.map { Data(MerkleTree.leafHash($0.record).bytes) } ?? Data()
    }
  }
}

extension Cairn_V1_Event {
  fileprivate static func seen(_ item: String) -> Cairn_V1_Event {
    .with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000
      $0.epcList.items = [item]
    }
  }

  fileprivate static func packed(_ child: String, _ parent: String) -> Cairn_V1_Event {
    .with {
      $0.type = .aggregation
      $0.action = .add
      $0.eventTime.microseconds = 1_780_000_000_000_000
      $0.parentID = parent
      $0.childEpcs.items = [child]
    }
  }
}
