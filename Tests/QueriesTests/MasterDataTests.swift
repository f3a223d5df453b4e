import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Queries
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct MasterDataTests {
  static let seeds: [UInt64] = [1, 2, .random(in: .min ... .max)]
  static let site = Testimony.subjects[0]
  static let dock = Testimony.subjects[1]

  @Test(arguments: seeds) func everybodySeesWhatALedgerOfWhatItMayReadWouldShow(seed: UInt64) async throws {
    let archive = try Archive(seed: seed)
    for party in Party.allCases {
      var described: [String] = []
      for subject in Testimony.subjects {
        let answer = try await archive.exchange.masterData(subject, by: party)
        let expected = archive.standing(party, subject)
        #expect(answer?.versions.map(\.recordID) ?? [] == expected, "seed \(seed), \(party), \(subject)")
        #expect(answer?.entry.shown.recordID == expected.first, "seed \(seed), \(party), \(subject)")
        #expect(answer?.entry.others == answer.map { $0.versions.dropFirst().map(\.memberID) }, "seed \(seed)")
        if !expected.isEmpty { described.append(subject) }
        let readable = archive.readable(by: party, about: subject).map(\.id)
        for size in [1, 3, 1_000] {
          let pages = try await archive.exchange.masterDataVersions(subject, by: party, size: size)
          #expect(pages.flatMap(\.versions).map(\.recordID) == readable, "seed \(seed), \(party), \(subject)")
          #expect(pages.allSatisfy { $0.versions.count <= size })
        }
      }
      for size in [1, 2, 1_000] {
        let entries = try await archive.exchange.masterDataList(by: party, size: size).flatMap(\.entries)
        #expect(Set(entries.map(\.subject)) == Set(described), "seed \(seed), \(party)")
        #expect(entries.count == described.count, "seed \(seed), \(party)")
      }
    }
  }

  @Test(arguments: [Party.anyone, .acmeOperator, .zuluDevice, .kiloPartner], seeds)
  func whatIsHiddenMakesNoDifference(party: Party, seed: UInt64) async throws {
    let keys = try Keyring()
    let one = try Archive(seed: seed, keys: keys, hidingFrom: party, secret: 1).exchange
    let other = try Archive(seed: seed, keys: keys, hidingFrom: party, secret: 2).exchange
    for subject in Testimony.subjects {
      let (left, right) = (try await one.masterData(subject, by: party), try await other.masterData(subject, by: party))
      #expect(left == right, "seed \(seed)")
      let versions = try await one.masterDataVersions(subject, by: party, size: 2)
      #expect(try await versions == other.masterDataVersions(subject, by: party, size: 2), "seed \(seed)")
    }
    let list = try await one.masterDataList(by: party, size: 1)
    #expect(try await list == other.masterDataList(by: party, size: 1), "seed \(seed)")
  }

  @Test func answersSayWhatTheirEventsName() async throws {
    let exchange = try Exchange()
    var item = Statement(about: "https://id.gs1.org/01/09521321000018/21/B1", .of(.public))
    item.place = Self.dock
    try exchange.record([item.record(0)], by: .acmeDevice)
    try exchange.record(
      [
        Testimony(Self.site, "the mill", .of(.public)).record(1), Testimony(Self.dock, "dock 1").record(2),
        Testimony("urn:uuid:elsewhere", "elsewhere", .of(.public)).record(3),
      ], by: .acmeOperator)
    for (party, subjects) in [(Party.anyone, [Self.site]), (.zuluOperator, [Self.dock, Self.site])] {
      let history = Cairn_V1_ListItemHistoryRequest.with {
        $0.item = item.item
        $0.describe = true
      }
      let told = try await exchange.queries.listItemHistory(history, by: exchange.caller(party)).described
      #expect(told.map(\.subject) == subjects)
      let query = Cairn_V1_QueryEventsRequest.with { $0.describe = true }
      #expect(try await exchange.queries.queryEvents(query, by: exchange.caller(party)).described == told)
      let plain = Cairn_V1_QueryEventsRequest()
      #expect(try await exchange.queries.queryEvents(plain, by: exchange.caller(party)).described.isEmpty)
    }
  }

  @Test func whatAPlaceIsAPartOfIsToldToo() async throws {
    let exchange = try Exchange()
    var door = Testimony("urn:uuid:door", "door").masterData
    door.parent = "urn:uuid:hall"
    var hall = Testimony("urn:uuid:hall", "hall").masterData
    hall.parent = "urn:uuid:door"
    let records = try [door, hall].enumerated().map { number, data in
      try BatchBuilder.serialize(
        Cairn_V1_Record(masterData: data, salt: Data(repeating: UInt8(number), count: 16)))
    }
    try exchange.record(records, by: .acmeOperator)
    var item = Statement(about: "urn:uuid:item", nil)
    item.place = "urn:uuid:door"
    try exchange.record([item.record(7)], by: .acmeDevice)
    let request = Cairn_V1_ListItemHistoryRequest.with {
      $0.item = item.item
      $0.describe = true
    }
    let told = try await exchange.queries.listItemHistory(request, by: exchange.caller(.acmeOperator)).described
    #expect(told.map(\.subject) == ["urn:uuid:door", "urn:uuid:hall"])
  }

  @Test func anErasedDescriptionCountsNoMore() async throws {
    let exchange = try Exchange()
    let record = try Testimony(Self.site, "squatted").record(1)
    let position = try exchange.record([record], by: .zuluOperator)
    try exchange.record([try Testimony(Self.site, "the mill").record(2)], by: .acmeOperator)
    #expect(try await exchange.masterData(Self.site, by: .auditor)?.entry.shown.memberID == "zulu")
    try exchange.decide(
      .redact(
        .with {
          $0.position = position
          $0.recordID = Data(MerkleTree.leafHash(record).bytes)
        }))
    let answer = try #require(try await exchange.masterData(Self.site, by: .auditor))
    #expect(answer.entry.shown.memberID == "acme")
    #expect(answer.entry.others == [])
    #expect(try await exchange.masterDataVersions(Self.site, by: .auditor, size: 10).flatMap(\.versions).count == 1)
  }

  @Test func whatAStolenKeySignedDoesNotCountAndIsListedWithAMark() async throws {
    let exchange = try Exchange()
    try exchange.record([try Testimony(Self.site, "forged").record(1)], by: .zuluOperator)
    try exchange.record([try Testimony(Self.site, "the mill").record(2)], by: .acmeOperator)
    try exchange.decide(
      .revokeKey(
        .with {
          $0.keyID = Data(exchange.keys[.zuluOperator].publicKey.id.digest.bytes)
          $0.compromisedSinceMicroseconds = Exchange.start.microseconds
        }))
    let entry = try await exchange.masterData(Self.site, by: .auditor)?.entry
    #expect(entry?.shown.memberID == "acme")
    #expect(entry?.others == [])
    let versions = try await exchange.masterDataVersions(Self.site, by: .auditor, size: 10).flatMap(\.versions)
    #expect(versions.map(\.authorCompromised) == [true, false])
  }

  @Test func manyVersionsKeepTheFirstClaimAndTheLastWord() async throws {
    let exchange = try Exchange()
    try exchange.record([try Testimony(Self.site, "first").record(0)], by: .acmeOperator)
    try exchange.record(
      try (1...1_200).map { try Testimony(Self.site, "flood \($0)").record($0) }, by: .zuluOperator)
    let answer = try #require(try await exchange.masterData(Self.site, by: .auditor))
    #expect(answer.versions.map { $0.masterData.names[0].text } == ["first", "flood 1200"])
    let versions = try await exchange.masterDataVersions(Self.site, by: .auditor, size: 1_000).flatMap(\.versions)
    #expect(versions.count == 1_201)
  }

  @Test func descriptionsAreNoEvents() async throws {
    let exchange = try Exchange()
    try exchange.record([try Testimony("urn:uuid:x", "x", .of(.public)).record(0)], by: .acmeOperator)
    let all = try await exchange.queries.queryEvents(.init(), by: exchange.caller(.auditor))
    #expect(all.events.isEmpty)
    let filter = Cairn_V1_EventFilter.with { $0.items = ["urn:uuid:x"] }
    #expect(try await exchange.pages(filter, by: .auditor, size: 10).flatMap(\.events).isEmpty)
    #expect(try await exchange.history("urn:uuid:x", by: .auditor, size: 10).flatMap(\.events).isEmpty)
  }

  @Test func aDeviceDescribesNothing() throws {
    let exchange = try Exchange()
    let failure = #expect(throws: Failure.self) {
      try exchange.record([try Testimony(Self.site, "mine").record(0)], by: .acmeDevice)
    }
    #expect(failure?.reason == "ROLE_FORBIDS_RECORD")
    #expect(failure?.message.contains("master data records are authored with operator") == true)
  }

  @Test(arguments: [
    (Cairn_V1_GetMasterDataRequest.with { $0.subject = "" }, "EMPTY_IDENTIFIER"),
    (.with { $0.subject = "(414)9521321000101" }, "INVALID_CHECK_DIGIT"),
    (
      .with {
        $0.subject = "urn:uuid:x"
        $0.atMicroseconds = .min
      }, "TIME_OUT_OF_RANGE"
    ), (.with { $0.subject = "urn:uuid:x" }, "UNKNOWN_SUBJECT"),
  ])
  func badQuestionsAreRefused(request: Cairn_V1_GetMasterDataRequest, reason: String) async throws {
    let exchange = try Exchange()
    let failure = await #expect(throws: Failure.self) { try await exchange.queries.getMasterData(request, by: .anyone) }
    #expect(failure?.reason == reason)
  }
}
