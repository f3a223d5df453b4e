import Consortium
import Foundation
import Primitives
import Queries
import SwiftProtobuf
import Testing
import Wire

/// Every answer is the one that a ledger of what the caller may read would give.
@Suite struct VisibilityTests {
  static let seeds: [UInt64] = [1, 2, .random(in: .min ... .max)]

  @Test(arguments: seeds) func queriesFindWhatMayBeRead(seed: UInt64) async throws {
    let population = try Population(seed: seed)
    for party in Party.allCases {
      let readable = population.readable(by: party)
      for (filter, matches) in Population.filters(population.exchange) {
        let expected = readable.filter(matches)
        for size in [2, 1_000] {
          let pages = try await population.exchange.pages(filter, by: party, size: size)
          #expect(pages.flatMap(\.events).map(\.recordID) == expected.map(\.id), "seed \(seed), \(party), \(filter)")
          #expect(pages.dropLast().allSatisfy { $0.events.count == size }, "seed \(seed), \(party)")
        }
      }
    }
  }

  @Test(arguments: seeds) func historiesShowWhatMayBeReadAndSayThatThereIsMore(seed: UInt64) async throws {
    let population = try Population(seed: seed)
    for party in Party.allCases {
      for item in Statement.items + ["https://id.gs1.org/01/09521321000018/21/UNKNOWN"] {
        let all = population.entries.filter { $0.statement.item == item }
        let expected = all.filter { $0.statement.isReadable(by: party, author: $0.author) }
          .sorted { ($0.statement.seconds, $0.position, $0.index) < ($1.statement.seconds, $1.position, $1.index) }
        for size in [1, 4] {
          let pages = try await population.exchange.history(item, by: party, size: size)
          #expect(pages.flatMap(\.events).map(\.recordID) == expected.map(\.id), "seed \(seed), \(party), \(item)")
          #expect(pages.count == max(1, (expected.count + size - 1) / size))
          let isPartial = !expected.isEmpty && expected.count < all.count
          #expect(pages.allSatisfy { $0.forbiddenEvents == isPartial }, "seed \(seed), \(party), \(item)")
        }
      }
    }
  }

  @Test(arguments: seeds) func watchersSeeThatARecordIsWithheldAndNothingOfIt(seed: UInt64) async throws {
    let population = try Population(seed: seed)
    for party in Party.allCases {
      let messages = try await population.exchange.watch(.with { $0.stopAtEnd = true }, by: party)
      let seen = messages.flatMap { message in message.records.map { (message.position, $0) } }.dropFirst()
      #expect(seen.count == population.entries.count)
      for ((position, record), entry) in zip(seen, population.entries) {
        #expect((position, record.recordIndex) == (entry.position, entry.index))
        let isReadable = entry.statement.isReadable(by: party, author: entry.author)
        #expect(record.withheld == (isReadable ? .unspecified : .forbidden))
        #expect(record.record == (isReadable ? entry.record : Data()))
      }
      for (filter, matches) in Population.filters(population.exchange) {
        let request = Cairn_V1_WatchLogRequest.with {
          $0.stopAtEnd = true
          $0.filter = filter
        }
        let found = try await population.exchange.watch(request, by: party).flatMap(\.records)
        #expect(found.map(\.record) == population.readable(by: party).filter(matches).map(\.record))
        #expect(found.allSatisfy { $0.withheld == .unspecified })
      }
    }
  }

  /// What the hidden records say changes nothing but the mark on histories: no page, no token, no message, no error.
  @Test(arguments: [Party.anyone, .acmeOperator, .zuluDevice, .kiloPartner], seeds)
  func whatIsHiddenMakesNoDifference(party: Party, seed: UInt64) async throws {
    let keys = try Keyring()
    let one = try Population(seed: seed, keys: keys, hidingFrom: party, secret: 1).exchange
    let other = try Population(seed: seed, keys: keys, hidingFrom: party, secret: 2).exchange
    for (filter, _) in Population.filters(one) {
      for size in [1, 7] {
        #expect(
          try await one.pages(filter, by: party, size: size) == other.pages(filter, by: party, size: size),
          "seed \(seed)")
      }
      for entriesOnly in [false, true] {
        let request = Cairn_V1_WatchLogRequest.with {
          $0.stopAtEnd = true
          $0.filter = filter
          $0.entriesOnly = entriesOnly
        }
        let (left, right) = (try await one.watch(request, by: party), try await other.watch(request, by: party))
        #expect(left.map(\.withoutEntry) == right.map(\.withoutEntry), "seed \(seed)")
      }
    }
    for item in Statement.items {
      for size in [1, 3] {
        let left = try await one.history(item, by: party, size: size)
        let right = try await other.history(item, by: party, size: size)
        #expect(left.map(\.withoutMark) == right.map(\.withoutMark), "seed \(seed)")
      }
    }
  }
}

extension Exchange {
  func pages(
    _ filter: Cairn_V1_EventFilter, by party: Party, size: Int
  ) async throws -> [Cairn_V1_QueryEventsResponse] {
    var pages: [Cairn_V1_QueryEventsResponse] = []
    repeat {
      let request = Cairn_V1_QueryEventsRequest.with {
        $0.filter = filter
        $0.pageSize = UInt32(size)
        $0.pageToken = pages.last?.nextPageToken ?? ""
      }
      pages.append(try await queries.queryEvents(request, by: caller(party)))
    } while pages.last?.nextPageToken.isEmpty == false
    return pages
  }

  func history(_ item: String, by party: Party, size: Int) async throws -> [Cairn_V1_ListItemHistoryResponse] {
    var pages: [Cairn_V1_ListItemHistoryResponse] = []
    repeat {
      let request = Cairn_V1_ListItemHistoryRequest.with {
        $0.item = item
        $0.pageSize = UInt32(size)
        $0.pageToken = pages.last?.nextPageToken ?? ""
      }
      pages.append(try await queries.listItemHistory(request, by: caller(party)))
    } while pages.last?.nextPageToken.isEmpty == false
    return pages
  }

  func watch(_ request: Cairn_V1_WatchLogRequest, by party: Party) async throws -> [Cairn_V1_WatchLogResponse] {
    var messages: [Cairn_V1_WatchLogResponse] = []
    try await queries.watchLog(request, by: caller(party)) { messages.append($0) }
    return messages
  }
}

extension Cairn_V1_WatchLogResponse {
  /// All but the entry, whose header commits to every record.
  var withoutEntry: Cairn_V1_WatchLogResponse {
    var copy = self
    copy.entry = Data()
    return copy
  }
}

extension Cairn_V1_ListItemHistoryResponse {
  /// All but what is told of hidden events.
  fileprivate var withoutMark: Cairn_V1_ListItemHistoryResponse {
    var copy = self
    copy.forbiddenEvents = false
    return copy
  }
}
