import Consortium
import Foundation
import Primitives
import Queries
import Signing
import SwiftProtobuf
import Testing
import Wire

/// What a client can do with a page token: hand it back.
@Suite struct PageTokenTests {
  private func exchange() throws -> Exchange {
    let exchange = try Exchange()
    for number in 0..<4 {
      try exchange.record(
        [try Statement(about: Statement.items[0], .of(.public), seconds: number).record(number)], by: .acmeDevice)
    }
    return exchange
  }

  private func request(_ token: String = "", step: String = "") -> Cairn_V1_QueryEventsRequest {
    .with {
      $0.pageSize = 1
      $0.pageToken = token
      if !step.isEmpty { $0.filter.bizSteps = [step] }
    }
  }

  private func isRefused(_ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return false
    } catch { return (error as? Failure)?.reason == "PAGE_TOKEN" }
  }

  @Test func aTokenIsOfOneQuestionAndOneCaller() async throws {
    let exchange = try exchange()
    let (operator_, other) = (exchange.caller(.acmeOperator), exchange.caller(.acmeAdmin))
    let token = try await exchange.queries.queryEvents(request(), by: operator_).nextPageToken
    #expect(try await exchange.queries.queryEvents(request(token), by: operator_).events.count == 1)
    #expect(await isRefused { _ = try await exchange.queries.queryEvents(request(token), by: other) })
    #expect(await isRefused { _ = try await exchange.queries.queryEvents(request(token), by: .anyone) })
    #expect(
      await isRefused { _ = try await exchange.queries.queryEvents(request(token, step: "shipping"), by: operator_) })
    let history = Cairn_V1_ListItemHistoryRequest.with {
      $0.item = Statement.items[0]
      $0.pageToken = token
    }
    #expect(await isRefused { _ = try await exchange.queries.listItemHistory(history, by: operator_) })
  }

  @Test func aTokenCannotBeChangedOrMadeUp() async throws {
    let exchange = try exchange()
    let token = try await exchange.queries.queryEvents(request(), by: .anyone).nextPageToken
    let bytes = try #require(Data(base64Encoded: token.replacing("-", with: "+").replacing("_", with: "/")))
    #expect(bytes.count == 12 + 32 + 16)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      let text = changed.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      #expect(await isRefused { _ = try await exchange.queries.queryEvents(request(text), by: .anyone) })
    }
    for text in ["x", "AAAA", String(repeating: "A", count: 72), String(repeating: "A", count: 10_000), "\u{0}"] {
      #expect(await isRefused { _ = try await exchange.queries.queryEvents(request(text), by: .anyone) })
    }
  }

  @Test func aTokenOutlivesItsNodesRestartButNotItsKey() async throws {
    let one = try exchange()
    let token = try await one.queries.queryEvents(request(), by: .anyone).nextPageToken
    let again = try Exchange(keys: one.keys)
    for number in 0..<4 {
      try again.record([try Statement(about: Statement.items[0], .of(.public)).record(number)], by: .acmeDevice)
    }
    #expect(try await again.queries.queryEvents(request(token), by: .anyone).events.count == 1)
    let other = try exchange()
    #expect(await isRefused { _ = try await other.queries.queryEvents(request(token), by: .anyone) })
  }

  @Test func pagesOfAHistoryGoOnWhereTheyWereWhenRightsChange() async throws {
    let exchange = try Exchange()
    let visibilities = [Cairn_V1_Visibility.of(.public), nil, .of(.public), .of(.public), nil, .of(.public)]
    for (number, visibility) in visibilities.enumerated() {
      try exchange.record(
        [try Statement(about: Statement.items[0], visibility, seconds: number).record(number)], by: .acmeDevice)
    }
    let caller = exchange.caller(.zuluOperator)
    var request = Cairn_V1_ListItemHistoryRequest.with {
      $0.item = Statement.items[0]
      $0.pageSize = 3
    }
    let first = try await exchange.queries.listItemHistory(request, by: caller)
    try exchange.decide(.suspendMember(.with { $0.memberID = "zulu" }))
    request.pageToken = first.nextPageToken
    let second = try await exchange.queries.listItemHistory(request, by: caller)
    let base: Int64 = 1_780_000_000_000_000
    func seconds(_ page: Cairn_V1_ListItemHistoryResponse) -> [Int64] {
      page.events.map { ($0.event.eventTime.microseconds - base) / 1_000_000 }
    }
    #expect(seconds(first) == [0, 1, 2])
    #expect(seconds(second) == [3, 5])
  }
}
