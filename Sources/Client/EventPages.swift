import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

/// An answer in pages, followed to its end or to a limit.
package struct EventPages: Sendable {
  /// What is asked.
  package enum Question: Sendable {
    /// Everything about an item, in order of event time.
    case history(item: String)
    /// Events that match, in ledger order.
    case events(Cairn_V1_EventFilter)
    /// Events in the order and within the limits that a question names.
    case query(Cairn_V1_QueryEventsRequest)
  }

  /// A page.
  package struct Page: Sendable {
    /// The item in canonical form; empty where no item was asked about.
    package var item = ""
    /// The events.
    package var events: [Cairn_V1_RecordedEvent]
    /// Whether the item has events that the caller may not read.
    package var hidesEvents = false
    /// The log size that every page answers for.
    package var logSize: UInt64
    fileprivate var nextToken: String
  }

  private static let pageSize = 1_000

  private let connection: LedgerConnection
  private let question: Question
  private let limit: Int

  /// An answer of at most `limit` events.
  package init(_ connection: LedgerConnection, _ question: Question, limit: Int = .max) {
    self.connection = connection
    self.question = question
    self.limit = limit
  }

  /// Hands each page to `visit`, also an empty one, until there are no more.
  package func visit(_ visit: (Page) throws -> Void) async throws {
    var token = ""
    var room = limit
    repeat {
      var page = try await self.page(token, size: min(room, Self.pageSize))
      page.events = Array(page.events.prefix(room))
      room -= page.events.count
      token = page.nextToken
      try visit(page)
    } while !token.isEmpty && room > 0
  }

  /// All pages at once.
  package func all() async throws -> Page {
    var whole = Page(events: [], logSize: 0, nextToken: "")
    try await visit { page in
      whole.item = page.item
      whole.hidesEvents = whole.hidesEvents || page.hidesEvents
      whole.logSize = page.logSize
      whole.events += page.events
    }
    return whole
  }

  private func page(_ token: String, size: Int) async throws(Failure) -> Page {
    switch question {
    case .history(let item):
      let request = Cairn_V1_ListItemHistoryRequest.with {
        $0.item = item
        $0.pageSize = UInt32(size)
        $0.pageToken = token
      }
      let page = try await connection.call {
        try await $0.provenance.listItemHistory(request, options: LedgerConnection.options)
      }
      return Page(
        item: page.item, events: page.events, hidesEvents: page.forbiddenEvents, logSize: page.logSize,
        nextToken: page.nextPageToken)
    case .events(let filter): return try await events(.with { $0.filter = filter }, token, size: size)
    case .query(let request): return try await events(request, token, size: size)
    }
  }

  private func events(
    _ request: Cairn_V1_QueryEventsRequest, _ token: String, size: Int
  ) async throws(Failure) -> Page {
    var request = request
    request.pageSize = UInt32(size)
    request.pageToken = token
    let asked = request
    let page = try await connection.call {
      try await $0.provenance.queryEvents(asked, options: LedgerConnection.options)
    }
    return Page(events: page.events, logSize: page.logSize, nextToken: page.nextPageToken)
  }
}
