import Checkpoints
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Queries
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct PackTests {
  @Test("every page of every question comes with the proofs of its events, and of nothing else", arguments: 1...3)
  func everyPage(seed: Int) async throws {
    let population = try Population(seed: UInt64(seed))
    let exchange = population.exchange
    for party in [Party.anyone, .acmeDevice, .kiloPartner, .auditor] {
      for (filter, matches) in Population.filters(exchange) {
        let expected = population.readable(by: party).filter(matches)
        let pages = try await exchange.provedPages(filter, size: 7, by: party)
        #expect(pages.flatMap(\.events).map(\.recordID) == expected.map(\.id), "seed \(seed), \(party)")
        for page in pages {
          #expect(page.hasEvidence == !page.events.isEmpty)
          guard page.hasEvidence else { continue }
          let pack = try exchange.verify(page.evidence)
          #expect(pack.events.map(\.record.id) == page.events.compactMap { Digest($0.recordID) })
          #expect(pack.evidence.checkpoint.checkpoint.size == page.logSize)
          for (proved, event) in zip(pack.events, page.events) {
            #expect(proved.memberID?.description == event.memberID)
            #expect(proved.isCompromised == event.authorCompromised)
          }
        }
      }
    }
  }

  @Test("the packs of all pages make one, under the checkpoint of the first", arguments: 1...3)
  func wholeHistory(seed: Int) async throws {
    let population = try Population(seed: UInt64(seed))
    let exchange = population.exchange
    var merger = PackMerger()
    var request = Cairn_V1_ListItemHistoryRequest.with {
      $0.item = Statement.items[0]
      $0.pageSize = 3
      $0.prove = true
    }
    var ids: Set<Data> = []
    repeat {
      let page = try await exchange.queries.listItemHistory(request, by: exchange.caller(.auditor))
      try merger.add(page.evidence, size: page.logSize)
      ids.formUnion(page.events.map(\.recordID))
      request.pageToken = page.nextPageToken
      // What comes later is not for this answer.
      try exchange.record([try Statement(about: Statement.items[0], .of(.public)).record(999)], by: .acmeDevice)
    } while !request.pageToken.isEmpty
    let answer = Cairn_V1_ProvedAnswer.with {
      $0.format = AnswerVerifier.format
      $0.history.item = Statement.items[0]
    }
    var proved = answer
    proved.evidence = try #require(try merger.pack())
    let verified = try await AnswerVerifier.verify(
      proved, trust: .ledger(try #require(Digest(proved.evidence.ledgerID))))
    #expect(Set(verified.events.map { Data($0.record.id.bytes) }) == ids)
    let times = verified.events.map(\.event.eventTime)
    #expect(times == times.sorted() && ids.count > 3, "seed \(seed)")
  }

  @Test func withoutBeingAskedNothingIsProved() async throws {
    let exchange = try Population(seed: 1).exchange
    let page = try await exchange.queries.queryEvents(.init(), by: exchange.caller(.auditor))
    #expect(!page.events.isEmpty && !page.hasEvidence)
  }

  @Test("a page whose proofs would be too large is made smaller, and loses nothing")
  func largeRecords() async throws {
    let exchange = try Exchange()
    var ids: [Data] = []
    for batch in 0..<20 {
      let records = try (0..<4).map { number in
        try Statement(about: Statement.items[0], .of(.public)).record(batch * 4 + number, padding: 30_000)
      }
      try exchange.record(records, by: .acmeDevice)
      ids += records.map { Data(MerkleTree.leafHash($0).bytes) }
    }
    let pages = try await exchange.provedPages(.init(), size: 1_000, by: .anyone)
    #expect(pages.flatMap(\.events).map(\.recordID) == ids)
    #expect(pages.filter { !$0.events.isEmpty }.count == 3)
    for page in pages where page.hasEvidence {
      let pack = try exchange.verify(page.evidence)
      #expect(pack.events.count == page.events.count)
      #expect(page.evidence.records.reduce(0) { $0 + $1.count } <= 1 << 20 + 65_536)
      #expect(try page.serializedData().count < 4 << 20)
    }
  }

  @Test("erased records are in no pack, and the others of their batch keep their proofs")
  func erased() async throws {
    let exchange = try Exchange()
    let records = try (0..<5).map { try Statement(about: Statement.items[0], .of(.public)).record($0) }
    let position = try exchange.record(records, by: .acmeDevice)
    let id = Data(MerkleTree.leafHash(records[2]).bytes)
    try exchange.decide(
      .redact(
        .with {
          $0.position = position
          $0.recordIndex = 2
          $0.recordID = id
        }))
    let pages = try await exchange.provedPages(.init(), size: 10, by: .anyone)
    let pack = try exchange.verify(try #require(pages.first).evidence)
    #expect(pack.events.map(\.record.index) == [0, 1, 3, 4])
    #expect(!(try pages[0].evidence.serializedData()).contains(records[2]))
  }

  @Test("the same events give the same pack, whoever asks")
  func canonical() async throws {
    let population = try Population(seed: 4)
    let exchange = population.exchange
    let filter = Cairn_V1_EventFilter.with { $0.items = [Statement.items[0]] }
    let first = try await exchange.provedPages(filter, size: 1_000, by: .auditor)
    let second = try await exchange.provedPages(filter, size: 1_000, by: .regulator)
    #expect(first == second && first.first?.hasEvidence == true)
  }
}

extension Exchange {
  fileprivate func provedPages(
    _ filter: Cairn_V1_EventFilter, size: UInt32, by party: Party
  ) async throws -> [Cairn_V1_QueryEventsResponse] {
    var request = Cairn_V1_QueryEventsRequest.with {
      $0.filter = filter
      $0.pageSize = size
      $0.prove = true
    }
    var pages: [Cairn_V1_QueryEventsResponse] = []
    repeat {
      let page = try await queries.queryEvents(request, by: caller(party))
      pages.append(page)
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return pages
  }

  /// By the ledger's id alone.
  fileprivate func verify(_ pack: Cairn_V1_EvidencePack) throws -> VerifiedPack {
    try PackVerifier.verify(pack, trust: .ledger(try #require(Digest(pack.ledgerID))))
  }
}
