import Consortium
import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

@testable import Queries

@Suite struct SwitchboardTests {
  private var board = Switchboard(.init(logSize: 10, recordCount: 100))
  private let end = Switchboard.LogEnd(logSize: 10, recordCount: 100)

  /// A receiver that wants an item.
  private mutating func attach(_ subscription: Int64, from start: UInt64, credit: Int = 5) throws -> UInt64 {
    let id = board.makeID()
    let filter = try EventFilter(.with { $0.items = ["urn:uuid:\(subscription)"] })
    let (_, output) = AsyncThrowingStream.makeStream(of: Cairn_V1_ReceiveResponse.self)
    let receiver = Receiver(
      subscription: subscription, caller: .anyone, follower: .init(id, filter, terms: [UInt64(subscription)]),
      maxInFlight: credit, arrivedAt: 10, output: output, phase: .searching(from: start))
    _ = board.attach(id, receiver)
    return id
  }

  private mutating func nextSearch(_ end: Switchboard.LogEnd? = nil) -> Switchboard.Search? {
    if case .search(let search) = board.nextJob(end ?? self.end) { search } else { nil }
  }

  private mutating func dueSearch() throws -> Switchboard.Search {
    let next = nextSearch()
    return try #require(next)
  }

  private func page(_ ordinals: Range<UInt64>) -> SubscriptionPage {
    var page = SubscriptionPage()
    for ordinal in ordinals {
      page.append(
        .with {
          $0.position = ordinal / 10
          $0.recordIndex = UInt32(ordinal % 10)
        }, ordinal: ordinal, bytes: 100)
    }
    return page
  }

  private static func place(_ ordinal: UInt64) -> RecordPlace {
    RecordPlace(position: ordinal / 10, index: UInt32(ordinal % 10))
  }

  @Test mutating func thoseWhoAreBehindHaveTheirTurns() throws {
    let ids = [try attach(1, from: 0), try attach(2, from: 50), try attach(3, from: 99)]
    var seen: [UInt64] = []
    for _ in 0..<9 {
      let search = try dueSearch()
      seen.append(search.id)
      let found = board.found(search, search.page, through: 1, logSize: 10)
      #expect(found?.message == nil)
    }
    #expect(seen == ids + ids + ids)
  }

  @Test mutating func withoutCreditNothingIsDone() throws {
    let id = try attach(1, from: 0, credit: 3)
    let search = try dueSearch()
    #expect(search.limit == 3)
    let found = board.found(search, page(20..<23), through: 23, logSize: 10)
    let delivery = try #require(found)
    #expect(delivery.message.events.count == 3)
    #expect(!delivery.message.caughtUp)
    board.written(id)
    let without = nextSearch()
    #expect(without?.id == nil)
    board.acknowledge(through: Self.place(21), ordinal: 21, of: 1)
    let next = nextSearch()
    #expect(next?.limit == 2)
  }

  @Test mutating func nothingIsMadeBeforeTheLastIsTaken() throws {
    let id = try attach(1, from: 0)
    let search = try dueSearch()
    let found = board.found(search, page(20..<22), through: 100, logSize: 10)
    #expect(found?.message.caughtUp == true)
    board.advanced(.keys, to: 110, in: .init(logSize: 11, recordCount: 110), hits: [.init(follower: id, ordinal: 105)])
    let later = Switchboard.LogEnd(logSize: 11, recordCount: 110)
    let next = nextSearch(later)
    #expect(next?.id == nil)
    board.written(id)
    guard case .following(candidates: [105]) = nextSearch(later)?.phase else {
      Issue.record("the candidate is gone")
      return
    }
  }

  @Test mutating func whoCannotKeepUpSearches() throws {
    let id = try attach(1, from: 0)
    _ = board.found(try dueSearch(), SubscriptionPage(), through: 100, logSize: 10)
    let hits = (0..<UInt64(Receiver.maxCandidates) + 1).map { Switchboard.Hit(follower: id, ordinal: 200 + 2 * $0) }
    board.advanced(.keys, to: 5_000, in: .init(logSize: 90, recordCount: 5_000), hits: hits)
    guard case .searching(from: 200) = board.receivers[id]?.phase else {
      Issue.record("it does not search from its first candidate")
      return
    }
    #expect(!board.hasFollowers)
    #expect(board.routes.byTerm.isEmpty)
  }

  @Test mutating func aCursorMovesOnOnlyWhereNothingIsLeft() throws {
    let id = try attach(1, from: 0)
    #expect(board.idle().isEmpty)
    _ = board.found(try dueSearch(), page(20..<22), through: 100, logSize: 10)
    #expect(board.idle().isEmpty)
    board.acknowledge(through: Self.place(20), ordinal: 20, of: 1)
    #expect(board.idle().isEmpty)
    board.acknowledge(through: Self.place(21), ordinal: 21, of: 1)
    #expect(board.idle() == [1: RecordPlace(position: 10, index: 0)])
    board.advanced(.keys, to: 110, in: .init(logSize: 11, recordCount: 110), hits: [.init(follower: id, ordinal: 105)])
    #expect(board.idle().isEmpty)
  }

  @Test mutating func aNewReceiverTakesThePlaceOfTheOld() throws {
    let (old, new) = (try attach(1, from: 0), try attach(1, from: 0))
    #expect(board.receivers.keys.sorted() == [new])
    let gone = board.detach(old)
    #expect(gone?.subscription == nil)
    let next = nextSearch()
    #expect(next?.id == new)
    let last = board.detach(new)
    #expect(last?.subscription == 1)
    let nothing = nextSearch()
    #expect(nothing?.id == nil)
  }
}
