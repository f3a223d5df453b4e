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

/// What is answered about single records, and what changes when rights do.
@Suite struct AccessTests {
  static let item = Statement.items[0]
  static let forKilo = Cairn_V1_Visibility.of(.parties, ["kilo"])

  private func evidence(
    _ exchange: Exchange, _ record: Cairn_V1_GetEvidenceRequest.OneOf_Record, by party: Party
  ) async throws -> Cairn_V1_GetEvidenceResponse {
    try await exchange.queries.getEvidence(.with { $0.record = record }, by: exchange.caller(party))
  }

  @Test func evidenceOfAHiddenRecordIsAnsweredLikeThatOfNone() async throws {
    let exchange = try Exchange()
    let record = try Statement(about: Self.item, Self.forKilo).record(1)
    let position = try exchange.record([record], by: .acmeDevice)
    let id = Data(MerkleTree.leafHash(record).bytes)
    let unknown = Data(repeating: 9, count: 32)
    let place = Cairn_V1_RecordPosition.with { $0.position = position }
    let beyond = Cairn_V1_RecordPosition.with {
      $0.position = position
      $0.recordIndex = 1
    }
    for party in [Party.kiloPartner, .acmeOperator, .auditor] {
      #expect(try await evidence(exchange, .recordID(id), by: party).evidence.proofs.first?.record == record)
      #expect(try await evidence(exchange, .recordPosition(place), by: party).evidence.proofs.first?.record == record)
    }
    for party in [Party.anyone, .zuluOperator, .acmeDevice] {
      let hidden = await #expect(throws: Failure.self) { try await evidence(exchange, .recordID(id), by: party) }
      let none = await #expect(throws: Failure.self) { try await evidence(exchange, .recordID(unknown), by: party) }
      #expect(hidden?.reason == "UNKNOWN_RECORD")
      #expect(hidden?.renamed(Hex.encode(id), Hex.encode(unknown)) == none)
      let there = await #expect(throws: Failure.self) {
        try await evidence(exchange, .recordPosition(place), by: party)
      }
      let not = await #expect(throws: Failure.self) { try await evidence(exchange, .recordPosition(beyond), by: party) }
      #expect(there?.renamed("no record 0", "no record 1") == not)
    }
    // A smaller tree than the record's is no way to find out either.
    let small = Cairn_V1_GetEvidenceRequest.with {
      $0.recordID = id
      $0.treeSize = 1
    }
    let hidden = await #expect(throws: Failure.self) { try await exchange.queries.getEvidence(small, by: .anyone) }
    #expect(hidden?.reason == "UNKNOWN_RECORD")
  }

  @Test func whatIsWrongWithARecordIsForItsAuthorAndItsMembersReaders() async throws {
    let exchange = try Exchange()
    let records = [
      try Statement(about: "https://id.gs1.org/01/09521321000019/21/WRONG", .of(.public)).record(1),
      try Statement(about: Self.item, .of(.public)).record(2),
    ]
    let position = try exchange.record(records, by: .acmeDevice)
    for party in Party.allCases {
      let request = Cairn_V1_GetReceiptRequest.with { $0.position = position }
      let receipt = try await exchange.queries.getReceipt(request, by: exchange.caller(party)).receipt
      let error = try #require(receipt.recordErrors.first)
      #expect(receipt.recordErrors.count == 1)
      #expect(error.recordIndex == 0)
      #expect(error.reason == "INVALID_CHECK_DIGIT")
      let isTold = [.acmeAdmin, .acmeNode, .acmeOperator, .acmeDevice, .auditor, .regulator].contains(party)
      #expect(error.field.isEmpty != isTold, "\(party)")
      #expect(error.message.isEmpty != isTold, "\(party)")
    }
  }

  @Test func aRecordWithoutEffectKeepsItsReaders() async throws {
    let exchange = try Exchange()
    let wrong = "https://id.gs1.org/01/09521321000019/21/WRONG"
    let records = [
      try Statement(about: wrong, Self.forKilo).record(1), try Statement(about: wrong, .of(.public)).record(2),
      Data([0xFF, 0xFF, 0xFF]),
    ]
    let position = try exchange.record(records, by: .zuluDevice)
    func seen(by party: Party) async throws -> [Bool] {
      let request = Cairn_V1_WatchLogRequest.with {
        $0.fromPosition = position
        $0.stopAtEnd = true
      }
      return try await exchange.watch(request, by: party).flatMap(\.records).map { $0.withheld == .unspecified }
    }
    #expect(try await seen(by: .anyone) == [false, true, false])
    #expect(try await seen(by: .acmeOperator) == [false, true, false])
    #expect(try await seen(by: .kiloPartner) == [true, true, false])
    #expect(try await seen(by: .zuluOperator) == [true, true, true])
    #expect(try await seen(by: .auditor) == [true, true, true])
  }

  @Test func everybodyReadsTheConsortiumsRecords() async throws {
    let exchange = try Exchange()
    let request = Cairn_V1_WatchLogRequest.with { $0.stopAtEnd = true }
    #expect(try await exchange.watch(request, by: .anyone).first?.records.first?.record.isEmpty == false)
    let place = Cairn_V1_RecordPosition()
    #expect(try await evidence(exchange, .recordPosition(place), by: .anyone).evidence.proofs.count == 1)
  }

  @Test func anOpenWatchLosesItsRightsWithItsMember() async throws {
    let exchange = try Exchange()
    let first = try exchange.record([try Statement(about: Self.item, nil).record(1)], by: .acmeDevice)
    let caller = exchange.caller(.zuluOperator)
    var seen: [UInt64: Cairn_V1_Withheld] = [:]
    var last: UInt64 = .max
    await #expect(throws: CancellationError.self) {
      try await exchange.queries.watchLog(.with { $0.fromPosition = first }, by: caller) { message in
        seen[message.position] = message.records.first?.withheld
        if message.position == first {
          try exchange.decide(.suspendMember(.with { $0.memberID = "zulu" }))
          last = try exchange.record([try Statement(about: Self.item, nil).record(2)], by: .acmeDevice)
        }
        if message.position == last { throw CancellationError() }
      }
    }
    #expect(seen[first] == .unspecified)
    #expect(seen[last] == .forbidden)
    let request = Cairn_V1_ListItemHistoryRequest.with { $0.item = Self.item }
    #expect(try await exchange.queries.listItemHistory(request, by: caller).events.isEmpty)
  }

  @Test func aCompromisedKeyIsMarkedFromThatTimeOn() async throws {
    let exchange = try Exchange()
    for number in 0..<3 {
      try exchange.record(
        [try Statement(about: Self.item, .of(.public), seconds: number).record(number)], by: .acmeDevice)
    }
    let before = try await exchange.history(Self.item, by: .anyone, size: 10)[0].events
    #expect(before.allSatisfy { !$0.authorCompromised })
    try exchange.change(
      .revokeKey(
        .with {
          $0.keyID = Data(exchange.keys[.acmeDevice].publicKey.id.digest.bytes)
          $0.compromisedSinceMicroseconds = before[1].ledgerTimeMicroseconds
        }))
    let after = try await exchange.history(Self.item, by: .anyone, size: 10)[0].events
    #expect(after.map(\.authorCompromised) == [false, true, true])
    let found = try await exchange.pages(.init(), by: .anyone, size: 10)[0].events
    #expect(found.map(\.authorCompromised) == [false, true, true])
    let seen = try await exchange.watch(.with { $0.stopAtEnd = true }, by: .anyone)
    #expect(seen.map(\.authorCompromised) == [false, false, true, true, false])
  }

  @Test func anErasedRecordIsWithheldFromEverybody() async throws {
    let exchange = try Exchange()
    let records = try (0..<2).map { try Statement(about: Self.item, .of(.public)).record($0) }
    let position = try exchange.record(records, by: .acmeDevice)
    try exchange.decide(
      .redact(
        .with {
          $0.position = position
          $0.recordID = Data(MerkleTree.leafHash(records[0]).bytes)
        }))
    for party in Party.allCases {
      let request = Cairn_V1_WatchLogRequest.with {
        $0.fromPosition = position
        $0.stopAtEnd = true
      }
      let seen = try await exchange.watch(request, by: party)[0].records
      #expect(seen.map(\.withheld) == [.redacted, .unspecified])
      #expect(seen.map(\.record) == [Data(), records[1]])
      let history = try await exchange.history(Self.item, by: party, size: 10)[0]
      #expect(history.events.count == 1)
      #expect(!history.forbiddenEvents)
    }
  }

  @Test func anEntryIsToldOnceHoweverManyRecordsMatch() async throws {
    let exchange = try Exchange()
    let padding = Statement(about: Self.item, .of(.public))
    let records = try (0..<1_500).map { number in
      var statement = padding
      statement.eventID = "urn:uuid:" + String(repeating: "x", count: 300)
      return try statement.record(number)
    }
    let position = try exchange.record(records, by: .acmeDevice)
    let request = Cairn_V1_WatchLogRequest.with {
      $0.filter.items = [Self.item]
      $0.entriesOnly = true
      $0.stopAtEnd = true
    }
    let messages = try await exchange.watch(request, by: .anyone)
    #expect(messages.map(\.position) == [position])
    #expect(messages.allSatisfy { $0.records.isEmpty && !$0.more })
    let whole = try await exchange.watch(.with { $0.stopAtEnd = true }, by: .anyone).filter { $0.position == position }
    #expect(whole.count > 1)
    #expect(whole.flatMap(\.records).map(\.record) == records)
    #expect(whole.map(\.more) == whole.indices.map { $0 < whole.count - 1 })
  }

  @Test func whereAMessageEndsDoesNotTellHowLargeHiddenRecordsAre() async throws {
    let keys = try Keyring()
    var seen: [[Cairn_V1_WatchLogResponse]] = []
    for size in [10, 700] {
      let exchange = try Exchange(keys: keys)
      let records = try (0..<1_000).map { number in
        var statement = Statement(about: Self.item, number.isMultiple(of: 2) ? .of(.public) : Self.forKilo)
        statement.eventID = "urn:uuid:" + String(repeating: "x", count: number.isMultiple(of: 2) ? 600 : size)
        return try statement.record(number)
      }
      let position = try exchange.record(records, by: .acmeDevice)
      for filter in [nil, Cairn_V1_EventFilter.with { $0.items = [Self.item] }] {
        let request = Cairn_V1_WatchLogRequest.with {
          $0.fromPosition = position
          $0.stopAtEnd = true
          if let filter { $0.filter = filter }
        }
        seen.append(try await exchange.watch(request, by: .zuluOperator).map(\.withoutEntry))
      }
    }
    #expect(seen.allSatisfy { $0.count > 1 })
    #expect(seen[0] == seen[2])
    #expect(seen[1] == seen[3])
  }

  @Test func hiddenEventsDoNotFillAHistory() async throws {
    let exchange = try Exchange()
    for start in [0, 5_010] {
      let records = try (start..<start + 5_010).map { try Statement(about: Self.item, nil, seconds: $0).record($0) }
      try exchange.record(records, by: .acmeOperator)
    }
    let unseen = try await exchange.history(Self.item, by: .anyone, size: 10)
    #expect(unseen.count == 1)
    #expect(unseen[0].events.isEmpty)
    #expect(!unseen[0].forbiddenEvents)
    try exchange.record([try Statement(about: Self.item, .of(.public)).record(20_000)], by: .acmeOperator)
    let partial = try await exchange.history(Self.item, by: .anyone, size: 10)
    #expect(partial.map(\.events.count) == [1])
    #expect(partial[0].forbiddenEvents)
    let refused = await #expect(throws: Failure.self) {
      try await exchange.history(Self.item, by: .zuluOperator, size: 10)
    }
    #expect(refused?.reason == "TOO_MANY_EVENTS")
  }
}

extension Failure {
  /// The same failure about something else.
  fileprivate func renamed(_ old: String, _ new: String) -> Failure {
    var copy = self
    copy.message = message.replacing(old, with: new)
    return copy
  }
}
