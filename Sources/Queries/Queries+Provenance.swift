import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

extension Queries {
  /// Most events of one item that a history sorts: of those that the caller may read.
  static let maxHistoryEvents = 10_000
  /// Most bytes of their records that a history reads to put them in order.
  static let maxHistoryBytes = 64 << 20

  /// Events that match a filter and that the caller may read, in the order asked for.
  func eventPage(
    _ request: Cairn_V1_QueryEventsRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_QueryEventsResponse {
    let asked = ContinuousClock.now
    let query = try EventQuery(request)
    let question = Question("QueryEvents", query.words, by: caller)
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    let token = try page(request.pageToken, of: question, in: view)
    let place = request.pageToken.isEmpty ? nil : token
    let (index, hashes, seal) = (index, hashes, seal)
    let descriptions = descriptions(scope, at: now())
    let response = try await store.read { reader in
      let end = try reader.recordCount(atLogSize: token.logSize, in: view)
      let candidates = try EventCandidates(
        reader: reader, index: index, filter: query.filter, end: end,
        isDescending: query.isDescending && query.order == nil,
        byHash: try EventHashSearch(query.filter.eventHashes, in: hashes, reader: reader, end: end))
      let page = try query.page(in: EventSearch(candidates: candidates, descriptions: descriptions), after: place)
      return try Cairn_V1_QueryEventsResponse.with {
        $0.events = request.includeEventHashes ? page.events.withHashes : page.events
        if request.describe {
          $0.described = try descriptions.entries(
            describing: page.events.map(\.event), reader, end: end, besideProofs: request.prove)
        }
        $0.logSize = token.logSize
        if let next = page.next {
          $0.nextPageToken = try PageToken(
            logSize: token.logSize, next: next.ordinal, time: next.time, given: next.given
          ).text(for: question, sealedBy: seal)
        }
      }
    }
    if response.events.isEmpty || request.describe || query.filter.asksForMasterData { await hold(since: asked, scope) }
    return response
  }

  /// Everything about one item that the caller may read, in order of event time, then of the ledger. Whether there is more
  /// is told only to who may read some of it.
  func historyPage(
    _ request: Cairn_V1_ListItemHistoryRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_ListItemHistoryResponse {
    let asked = ContinuousClock.now
    let item = try Self.item(request.item)
    let pageSize = try Self.pageSize(request.pageSize)
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    let question = Question("ListItemHistory", Data(item.canonical.utf8), by: caller)
    let token = try page(request.pageToken, of: question, in: view)
    let end = try recordCount(of: token, in: view)
    var history = try await ItemHistory(of: item, in: store, index: index, view: view, end: end, scope: scope)
    let last = request.pageToken.isEmpty ? nil : (time: token.time, ordinal: token.next)
    let page = try await history.page(after: last, limit: pageSize)
    var response = Cairn_V1_ListItemHistoryResponse.with {
      $0.item = item.canonical
      $0.events = request.includeEventHashes ? page.events.withHashes : page.events
      $0.logSize = token.logSize
      $0.forbiddenEvents = history.hasForbiddenEvents
    }
    if let next = page.next {
      response.nextPageToken = try PageToken(logSize: token.logSize, next: next.ordinal, time: next.time)
        .text(for: question, sealedBy: seal)
    }
    if request.describe {
      let descriptions = descriptions(scope, at: now())
      response.described = try await store.read { reader in
        try descriptions.entries(
          describing: page.events.map(\.event), reader, end: end, besideProofs: request.prove)
      }
    }
    if response.events.isEmpty || response.forbiddenEvents || request.describe { await hold(since: asked, scope) }
    return response
  }

  /// Where the page begins that a client asks for: the first of today's log, or where its token says.
  func page(_ token: String, of question: Question, in view: LedgerView) throws(Failure) -> PageToken {
    let page =
      try PageToken(token, for: question, sealedBy: seal) ?? PageToken(logSize: view.logSize, next: 0)
    guard page.logSize <= view.logSize else {
      throw .malformed("PAGE_TOKEN", field: "page_token", "of a log larger than this node's")
    }
    return page
  }

  /// Records in the log that the page is of; nothing is read for the first page, which is of today's.
  private func recordCount(of page: PageToken, in view: LedgerView) throws(Failure) -> UInt64 {
    if page.logSize == view.logSize { return view.recordCount }
    return try store.readNow { try $0.recordCount(atLogSize: page.logSize, in: view) }
  }

  static func filter(_ wire: Cairn_V1_EventFilter) throws(Failure) -> EventFilter {
    do { return try EventFilter(wire) } catch { throw error.under("filter") }
  }

  static func item(_ text: String) throws(Failure) -> Identifier { try identifier(text, field: "item") }

  static func identifier(_ text: String, field: String) throws(Failure) -> Identifier {
    do { return try Identifier(text) } catch { throw .malformed(error.reason, field: field, error.message) }
  }
}

extension LedgerReader {
  /// Records in the log when it had `size` entries.
  func recordCount(atLogSize size: UInt64, in view: LedgerView) throws -> UInt64 {
    if size == view.logSize { return view.recordCount }
    return try entry(at: size)?.firstOrdinal ?? view.recordCount
  }
}
