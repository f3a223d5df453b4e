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
    /// What the places, parties and products are that the events name, each once; empty unless it was asked for.
    package var described: [Cairn_V1_MasterDataEntry] = []
    /// Whether the item has events that the caller may not read.
    package var hidesEvents = false
    /// The log size that every page answers for.
    package var logSize: UInt64
    /// The proofs of the page's events, where they were asked for and there are events.
    package var evidence: Cairn_V1_EvidencePack?
    fileprivate var nextToken: String

    /// Whether there may be more events.
    package var hasMore: Bool { !nextToken.isEmpty }
  }

  private static let pageSize = 1_000

  private let connection: LedgerConnection
  private let question: Question
  private let limit: Int
  private let describes: Bool
  private let proves: Bool

  /// An answer of at most `limit` events; `describing` asks for what they name, too; with `proves`, each page comes with its
  /// proofs.
  package init(
    _ connection: LedgerConnection, _ question: Question, limit: Int = .max, describing: Bool = false,
    proves: Bool = false
  ) {
    describes = describing
    self.connection = connection
    self.question = question
    self.limit = limit
    self.proves = proves
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

  /// All pages at once; what each page's proofs are is for `visit` to keep.
  package func all(_ visit: (Page) throws -> Void = { _ in }) async throws -> Page {
    var whole = Page(events: [], logSize: 0, nextToken: "")
    var known: Set<String> = []
    try await self.visit { page in
      try visit(page)
      whole.item = page.item
      whole.hidesEvents = whole.hidesEvents || page.hidesEvents
      whole.logSize = page.logSize
      whole.events += page.events
      whole.nextToken = page.nextToken
      whole.described += page.described.filter { known.insert($0.subject).inserted }
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
        $0.prove = proves
        $0.describe = describes
      }
      let page = try await connection.call {
        try await $0.provenance.listItemHistory(request, options: LedgerConnection.options)
      }
      return Page(
        item: page.item, events: page.events, described: page.described, hidesEvents: page.forbiddenEvents,
        logSize: page.logSize, evidence: page.hasEvidence ? page.evidence : nil, nextToken: page.nextPageToken)
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
    request.describe = describes
    request.prove = proves
    let asked = request
    let page = try await connection.call {
      try await $0.provenance.queryEvents(asked, options: LedgerConnection.options)
    }
    return Page(
      events: page.events, described: page.described, logSize: page.logSize,
      evidence: page.hasEvidence ? page.evidence : nil, nextToken: page.nextPageToken)
  }
}
