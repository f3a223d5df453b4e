import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Queries
import SwiftProtobuf
import Testing
import Wire

@Suite struct EventHashQueryTests {
  private static func ask(
    _ exchange: Exchange, _ hashes: [String], by party: Party = .anyone, pageSize: UInt32 = 0
  ) async throws -> [Cairn_V1_RecordedEvent] {
    var request = Cairn_V1_QueryEventsRequest.with {
      $0.filter.eventHashes = hashes
      $0.pageSize = pageSize
      $0.includeEventHashes = true
    }
    var events: [Cairn_V1_RecordedEvent] = []
    repeat {
      let page = try await exchange.queries.queryEvents(request, by: exchange.caller(party))
      events += page.events
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return events
  }

  @Test func everyAnswerShowsTheHashByWhichTheEventIsFound() async throws {
    let exchange = try Exchange()
    let statement = Statement(about: "https://id.gs1.org/01/09521321000018/21/H", .of(.public))
    try exchange.record(try (0..<5).map { try statement.record($0) }, by: .acmeDevice)
    try exchange.record([try statement.record(5)], by: .zuluDevice)
    let all = try await exchange.queries.queryEvents(.hashed, by: .anyone).events
    let hash = try #require(all.first?.eventHash)
    #expect(EventHash(hash) != nil)
    let same = all.filter { $0.eventHash == hash }
    #expect(same.count == 6)
    #expect(try await Self.ask(exchange, [hash]) == same)
    #expect(try await Self.ask(exchange, [hash], pageSize: 2) == same)
    #expect(try await Self.ask(exchange, [EventHash(digest: Digest { _ in }).description]) == [])
  }

  @Test func aHashTellsNothingOfWhatMayNotBeRead() async throws {
    let exchange = try Exchange()
    let item = "https://id.gs1.org/01/09521321000018/21/SECRET"
    let hidden = Statement(about: item, .of(.parties, ["acme"]))
    try exchange.record([try hidden.record(0)], by: .acmeDevice)
    let own = try await exchange.queries.queryEvents(.hashed, by: exchange.caller(.acmeOperator)).events
    let hash = try #require(own.first?.eventHash)
    #expect(try await Self.ask(exchange, [hash], by: .acmeOperator).count == 1)
    #expect(try await Self.ask(exchange, [hash], by: .zuluOperator) == [])
    #expect(try await Self.ask(exchange, [hash]) == [])
  }

  @Test func tooManyRecordsBehindTheIndexAreNotComputed() async throws {
    let exchange = try Exchange()
    let statement = Statement(about: "https://id.gs1.org/01/09521321000018/21/H", .of(.public))
    let record = try statement.record(0)
    try exchange.record(Array(repeating: record, count: 5_000), by: .acmeDevice)
    try exchange.record(Array(repeating: record, count: 4_999), by: .acmeDevice)
    let hash = EventHash(digest: Digest { _ in }).description
    #expect(try await Self.ask(exchange, [hash]) == [])
    try exchange.record([record], by: .acmeDevice)
    let failure = await #expect(throws: Failure.self) { try await Self.ask(exchange, [hash]) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "HASH_INDEX_BEHIND")
    #expect(failure?.retryAfterMilliseconds != nil)
  }
}

extension Cairn_V1_QueryEventsRequest {
  /// All events with their hashes.
  fileprivate static var hashed: Self { .with { $0.includeEventHashes = true } }
}
