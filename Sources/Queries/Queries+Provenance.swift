import Foundation
import Ledger
package import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Most events of one item that a history sorts.
  static let maxHistoryEvents = 10_000
  /// Most bytes of records that a history reads to put them in order.
  static let maxHistoryBytes = 64 << 20

  /// Events that match a filter, in ledger order.
  package func queryEvents(_ request: Cairn_V1_QueryEventsRequest) async throws(Failure) -> Cairn_V1_QueryEventsResponse
  {
    let filter = try Self.filter(request.filter)
    let pageSize = try Self.pageSize(request.pageSize)
    let question = Data("QueryEvents".utf8) + (try BatchBuilder.serialize(request.filter))
    let view = try view(atLeast: request.minimumLogSize)
    let token = try Self.page(request.pageToken, of: question, in: view)
    let index = index
    return try await store.read { reader in
      let search = EventSearch(
        reader: reader, index: index, filter: filter, end: try reader.recordCount(atLogSize: token.logSize, in: view),
        directory: view.directory)
      let page = try search.page(from: token.next, limit: pageSize)
      return .with {
        $0.events = page.events
        $0.logSize = token.logSize
        $0.nextPageToken = page.next.map { PageToken(logSize: token.logSize, next: $0).text(for: question) } ?? ""
      }
    }
  }

  /// Everything the ledger holds about one item, in order of event time, then of the ledger.
  package func listItemHistory(
    _ request: Cairn_V1_ListItemHistoryRequest
  ) async throws(Failure) -> Cairn_V1_ListItemHistoryResponse {
    let item = try Self.item(request.item)
    let pageSize = try Self.pageSize(request.pageSize)
    let view = try view(atLeast: request.minimumLogSize)
    let question = Data("ListItemHistory \(item.canonical)".utf8)
    let token = try Self.page(request.pageToken, of: question, in: view)
    let index = index
    return try await store.read { reader in
      let end = try reader.recordCount(atLogSize: token.logSize, in: view)
      let history = try ItemHistory(of: item, reader: reader, index: index, end: end)
      let start = Int(clamping: token.next)
      let page = try history.page(from: start, limit: pageSize, directory: view.directory)
      let next = start + page.count
      return .with {
        $0.item = item.canonical
        $0.events = page
        $0.logSize = token.logSize
        if next < history.count {
          $0.nextPageToken = PageToken(logSize: token.logSize, next: UInt64(next)).text(for: question)
        }
      }
    }
  }

  /// Where the page begins that a client asks for: the first of today's log, or where its token says.
  private static func page(_ token: String, of question: Data, in view: LedgerView) throws(Failure) -> PageToken {
    let page = try PageToken(token, for: question) ?? PageToken(logSize: view.logSize, next: 0)
    guard page.logSize <= view.logSize else {
      throw .malformed("PAGE_TOKEN", field: "page_token", "of a log larger than this node's")
    }
    return page
  }

  static func filter(_ wire: Cairn_V1_EventFilter) throws(Failure) -> EventFilter {
    do { return try EventFilter(wire) } catch { throw error.under("filter") }
  }

  private static func item(_ text: String) throws(Failure) -> Identifier {
    do { return try Identifier(text) } catch { throw .malformed(error.reason, field: "item", error.message) }
  }
}

extension LedgerReader {
  /// Records in the log when it had `size` entries.
  fileprivate func recordCount(atLogSize size: UInt64, in view: LedgerView) throws -> UInt64 {
    if size == view.logSize { return view.recordCount }
    return try entry(at: size)?.firstOrdinal ?? view.recordCount
  }
}
