import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import SeededRandom
import Store
import SwiftProtobuf
import Testing
import Wire

@testable import Queries

/// Questions that master data decides are answered by what the caller may know of it, and by nothing else.
@Suite struct MasterDataQueryTests {
  static let seeds: [UInt64] = [1, 2, .random(in: .min ... .max)]
  private static let parties: [Party] = [.anyone, .acmeOperator, .zuluDevice, .kiloPartner, .auditor]
  /// Places that events name: described ones, one that only its site describes, and one that nobody does.
  private static let places = Testimony.subjects + [Testimony.subjects[0] + "/254/DOCK-2", "urn:uuid:unknown"]

  /// A public event at each place, in this order; gives their record ids by place.
  private static func visit(_ places: [String], in exchange: Exchange) throws -> [String: Data] {
    let records = try places.enumerated().map { number, place in
      var statement = Statement(about: "urn:uuid:visitor", .of(.public))
      statement.place = place
      return try statement.record(1_000 + number)
    }
    try exchange.record(records, by: .acmeDevice)
    return Dictionary(uniqueKeysWithValues: zip(places, records.map { Data(MerkleTree.leafHash($0).bytes) }))
  }

  private static func named(_ names: [String]) -> Cairn_V1_EventFilter {
    .with {
      $0.items = ["urn:uuid:visitor"]
      $0.attributes = [
        .with {
          $0.part = .readPoint
          $0.names = ["cbvmda:name"]
          $0.texts.values = names
        }
      ]
    }
  }

  @Test(arguments: seeds) func aNameFindsWhatItsSpeakerCallsSo(seed: UInt64) async throws {
    let archive = try Archive(seed: seed)
    let ids = try Self.visit(Self.places, in: archive.exchange)
    let names = Dictionary(uniqueKeysWithValues: archive.entries.map { ($0.id, $0.testimony.name) })
    for party in Self.parties {
      func name(of place: String) -> String? {
        let subjects = place.hasPrefix("urn:") ? [place] : [place, Testimony.subjects[0]]
        return subjects.compactMap { archive.standing(party, $0).first }.first.flatMap { names[$0] }
      }
      for wanted in Set(names.values) {
        let expected = Self.places.filter { name(of: $0) == wanted }.map { ids[$0] }
        let found = try await archive.exchange.pages(Self.named([wanted]), by: party, size: 2).flatMap(\.events)
        #expect(found.map(\.recordID) == expected, "seed \(seed), \(party), \(wanted)")
      }
    }
  }

  @Test(arguments: [Party.anyone, .acmeOperator, .zuluDevice, .kiloPartner], seeds)
  func whatIsHiddenMakesNoDifference(party: Party, seed: UInt64) async throws {
    let keys = try Keyring()
    let archives = try [UInt64(1), 2].map { try Archive(seed: seed, keys: keys, hidingFrom: party, secret: $0) }
    for archive in archives { _ = try Self.visit(Self.places, in: archive.exchange) }
    let names = Set(archives.flatMap(\.entries).map(\.testimony.name))
    for filter in names.map({ Self.named([$0]) }) {
      let pages = try await archives[0].exchange.pages(filter, by: party, size: 1_000)
      let others = try await archives[1].exchange.pages(filter, by: party, size: 1_000)
      #expect(pages.flatMap(\.events) == others.flatMap(\.events), "seed \(seed)")
      #expect(pages.count == others.count, "seed \(seed)")
    }
  }

  @Test(arguments: seeds) func aPlaceIsInsideOfItsParents(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let exchange = try Exchange()
    let places = (0..<8).map { "urn:uuid:place-\($0)" }
    var parents: [String: (place: String, isPublic: Bool)] = [:]
    var records: [Data] = []
    for (number, place) in places.enumerated() where Int.random(in: 0..<4, using: &random) > 0 {
      let parent = places.filter { $0 != place }.randomElement(using: &random) ?? ""
      let isPublic = Bool.random(using: &random)
      parents[place] = (parent, isPublic)
      var data = Testimony(place, "place").masterData
      data.parent = parent
      records.append(
        try BatchBuilder.serialize(
          Cairn_V1_Record(
            masterData: data, salt: Data(repeating: UInt8(number), count: 16),
            visibility: isPublic ? .of(.public) : .of(.members))))
    }
    try exchange.record(records, by: .acmeOperator)
    let ids = try Self.visit(places, in: exchange)
    for party in [Party.anyone, .kiloPartner] {
      for wanted in places {
        let inside = places.filter { place in
          var (place, steps) = (place, 0)
          while place != wanted, steps < 20, let parent = parents[place], parent.isPublic || party != .anyone {
            (place, steps) = (parent.place, steps + 1)
          }
          return place == wanted
        }
        let filter = Cairn_V1_EventFilter.with { $0.readPointsWithin = [wanted] }
        for order in [Cairn_V1_EventOrder.unspecified, .eventTime] {
          let request = Cairn_V1_QueryEventsRequest.with {
            $0.filter = filter
            $0.orderBy = order
          }
          let found = try await exchange.queries.queryEvents(request, by: exchange.caller(party)).events
          #expect(found.map(\.recordID) == inside.map { ids[$0] }, "seed \(seed), \(party), \(wanted)")
        }
      }
    }
  }

  @Test func whoWatchesAndWhoSubscribesGetsTheSame() async throws {
    let archive = try Archive(seed: 5)
    let exchange = archive.exchange
    _ = try Self.visit(Self.places, in: exchange)
    try await exchange.subscriptions.serving {
      for party in [Party.acmeOperator, .kiloPartner, .auditor] {
        let names = archive.entries.map(\.testimony.name)
        for (number, filter) in [Self.named(Array(names.prefix(15))), Self.named(names), Self.inside].enumerated() {
          let found = try await exchange.pages(filter, by: party, size: 1_000).flatMap(\.events).map(\.recordID)
          let watched = try await exchange.watch(
            .with {
              $0.filter = filter
              $0.stopAtEnd = true
            }, by: party)
          #expect(watched.flatMap(\.records).map { Data(MerkleTree.leafHash($0.record).bytes) } == found)
          let name = "\(party.rawValue.lowercased())-\(number)"
          try await exchange.subscribe(name, filter, by: party, from: 0)
          let received = try await exchange.receiving(name, by: party) { try await $0.untilCaughtUp() }
          #expect(received.flatMap(\.events).map(\.recordID) == found, "\(party), \(filter)")
          #expect(number == 2 || !found.isEmpty)
        }
      }
    }
  }

  private static let inside = Cairn_V1_EventFilter.with { $0.bizLocationsWithin = ["urn:uuid:place"] }

  @Test func aFollowerIsToldByWhatIsKnownWhenTheEventComes() async throws {
    let exchange = try Exchange()
    let (site, place) = (Testimony.subjects[0], Testimony.subjects[2])
    try exchange.record([try Testimony(place, "the port").record(0)], by: .acmeOperator)
    try await exchange.subscriptions.serving {
      try await exchange.subscribe("mill", Self.named(["the mill", "the port"]), by: .kiloPartner)
      try await exchange.receiving("mill", by: .kiloPartner) { reception in
        #expect(try await reception.untilCaughtUp().flatMap(\.events).isEmpty)
        // When the second event is there, the first was looked at: nobody described its place yet.
        let ids = try Self.visit([site, place], in: exchange)
        #expect(try await reception.nextEvents().map(\.recordID) == [ids[place]])
        try exchange.record([try Testimony(site, "the mill").record(1)], by: .acmeOperator)
        let later = try Self.visit([Testimony.subjects[1]], in: exchange)
        #expect(try await reception.nextEvents().map(\.recordID) == Array(later.values))
      }
    }
  }

  /// With hardly anything to look at an answer ends before the event that needs more, and the next one goes on with it.
  @Test(arguments: 1...4) func howeverLittleMayBeLookedAtAnswersComeToTheSameEnd(budget: Int) async throws {
    let archive = try Archive(seed: 9)
    let exchange = archive.exchange
    _ = try Self.visit(Self.places, in: exchange)
    let filter = try EventFilter(Self.named(["never"]))
    let queries = exchange.queries
    let view = queries.views.current
    let descriptions = queries.descriptions(queries.scope(of: exchange.caller(.auditor), in: view), at: Exchange.start)
    let answers = try await queries.store.read { reader in
      var (answers, isFirst, count) = (1, true, 0)
      var matcher = EventMatcher(
        filter, descriptions, reader, end: view.recordCount, budget: .init(examined: budget, hidden: budget))
      for record in try reader.records(ordinals: Array(0..<view.recordCount)) {
        guard try matcher.mayRead(record) else { continue }
        if case .undecided = try matcher.match(record) {
          #expect(!isFirst, "an answer that is new decides at least one event")
          (answers, isFirst) = (answers + 1, true)
          matcher = EventMatcher(
            filter, descriptions, reader, end: view.recordCount, budget: .init(examined: budget, hidden: budget))
          guard case .unwanted = try matcher.match(record) else { Issue.record("decided otherwise"); continue }
        }
        (isFirst, count) = (false, count + 1)
      }
      #expect(count >= Self.places.count)
      return answers
    }
    #expect(answers > 1 && answers <= Self.places.count)
  }

  @Test func whatMasterDataDecidesIsNotSaidToBeVerified() async throws {
    let exchange = try Exchange()
    let site = Testimony.subjects[0]
    try exchange.record([try Testimony(site, "the mill", .of(.public)).record(1)], by: .acmeOperator)
    _ = try Self.visit([site, Testimony.subjects[1]], in: exchange)
    let within = Cairn_V1_EventFilter.with { $0.readPointsWithin = [site] }
    let cases: [(Cairn_V1_EventFilter, [String], String?)] = [
      (Self.named(["the mill"]), ["attributes"], nil), (within, [], nil),
      (.with { $0.readPointsWithin = ["urn:uuid:port"] }, ["read_points_within"], nil),
      (.with { $0.bizLocationsWithin = [site] }, [], "NOT_AN_ANSWER"),
      (
        .with {
          $0.attributes = Self.named(["x"]).attributes
          $0.attributes[0].part = .epcClass
        }, [], "NOT_AN_ANSWER"
      ),
    ]
    let request = Cairn_V1_QueryEventsRequest.with {
      $0.filter = Self.named(["the mill"])
      $0.prove = true
    }
    let page = try await exchange.queries.queryEvents(request, by: exchange.caller(.auditor))
    #expect(page.events.count == 2)
    for (filter, unchecked, reason) in cases {
      let answer = Cairn_V1_ProvedAnswer.with {
        $0.format = AnswerVerifier.format
        $0.events.filter = filter
        $0.evidence = page.evidence
      }
      do throws(Failure) {
        let trust = EvidenceVerifier.Trust.ledger(exchange.ledgerID)
        #expect(try await AnswerVerifier.verify(answer, trust: trust).unchecked == unchecked)
        #expect(reason == nil)
      } catch {
        #expect(error.reason == reason)
      }
    }
  }

  @Test func traceAndStateSayWhatTheyName() async throws {
    let exchange = try Exchange()
    let (bottle, oil) = ("https://id.gs1.org/01/09521321000018/21/B1", "https://id.gs1.org/01/09521321000018")
    var item = Statement(about: bottle, .of(.public))
    item.place = Testimony.subjects[1]
    try exchange.record([try item.record(0)], by: .acmeDevice)
    var product = Testimony(oil, "Oil").masterData
    product.kind = .product
    try exchange.record(
      [
        try Testimony(Testimony.subjects[0], "the mill", .of(.public)).record(1),
        try Testimony(Testimony.subjects[1], "dock 1").record(2),
        try BatchBuilder.serialize(
          Cairn_V1_Record(masterData: product, salt: Data(repeating: 9, count: 16), visibility: .of(.public))),
        try Testimony("urn:uuid:elsewhere", "elsewhere", .of(.public)).record(3),
      ], by: .acmeOperator)
    for (party, places) in [(Party.anyone, 0..<1), (.zuluOperator, 0..<2)] {
      let expected = Testimony.subjects[places].reversed() + [oil]
      let caller = exchange.caller(party)
      for describe in [true, false] {
        let trace = try await exchange.trace(
          .with {
            $0.item = bottle
            $0.describe = describe
          }, by: party)
        #expect(trace.described.map(\.subject) == (describe ? expected : []), "\(party)")
        let state = try await exchange.queries.getItem(
          .with {
            $0.item = bottle
            $0.describe = describe
          }, by: caller)
        #expect(state.described.map(\.subject) == (describe ? expected : []), "\(party)")
      }
      let history = try await exchange.queries.listItemHistory(
        .with {
          $0.item = bottle
          $0.describe = true
        }, by: caller)
      #expect(history.described.map(\.subject) == expected)
    }
  }

  @Test(arguments: seeds) func whatIsLookedUpTogetherIsWhatIsLookedUpOneByOne(seed: UInt64) async throws {
    let archive = try Archive(seed: seed)
    let queries = archive.exchange.queries
    let view = queries.views.current
    for party in Self.parties {
      let scope = queries.scope(of: archive.exchange.caller(party), in: view)
      let together = try await queries.masterData(for: Self.places, scope, in: view)
      let alone = try await queries.store.read { reader in
        try queries.descriptions(scope, at: Exchange.start).entries(of: Self.places, reader, end: view.recordCount)
      }
      #expect(together == alone, "seed \(seed), \(party)")
      #expect(party != .auditor || !together.isEmpty)
    }
  }
}

extension Reception {
  /// The events of the next message that has any.
  fileprivate mutating func nextEvents() async throws -> [Cairn_V1_RecordedEvent] {
    while let message = try await next() {
      if !message.events.isEmpty { return message.events }
    }
    return []
  }
}
