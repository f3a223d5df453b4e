package import Consortium
import Ledger
package import Primitives
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Events that match a filter and that the caller may read, with proofs if they are asked for.
  package func queryEvents(
    _ request: Cairn_V1_QueryEventsRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_QueryEventsResponse {
    try await page(request) { (request) async throws(Failure) in try await eventPage(request, by: caller) }
  }

  /// Everything about one item that the caller may read, with proofs if they are asked for.
  package func listItemHistory(
    _ request: Cairn_V1_ListItemHistoryRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_ListItemHistoryResponse {
    try await page(request) { (request) async throws(Failure) in try await historyPage(request, by: caller) }
  }

  /// A page and its proofs. One whose proofs would be too large is asked for again, smaller.
  private func page<Request: PageRequest, Page: ProvablePage>(
    _ request: Request, _ answer: (Request) async throws(Failure) -> Page
  ) async throws(Failure) -> Page {
    var request = request
    while true {
      var page = try await answer(request)
      guard request.prove, !page.events.isEmpty else { return page }
      do throws(Failure) {
        let builder = try await packBuilder(at: page.logSize, within: .page)
        let places = page.events.map { RecordPlace(position: $0.position, index: $0.recordIndex) }
        switch try await builder.build(places) {
        case .pack(let pack):
          page.evidence = pack
          return page
        case .fits(let count): request.pageSize = UInt32(count)
        }
      } catch  where error.reason == "REDACTED" {
        // A vote has erased a record since the page was read, which the next reading leaves out.
      }
    }
  }

  /// Proofs for an answer that was computed at that log size.
  func packBuilder(at logSize: UInt64, within budget: PackBuilder.Budget) async throws(Failure) -> PackBuilder {
    let view = views.current
    return PackBuilder(
      store: store, view: view, own: try await checkpoint(size: logSize, in: view), budget: budget,
      loan: allowance.loan())
  }
}

/// Asks for a page, and whether to prove it.
private protocol PageRequest {
  var pageSize: UInt32 { get set }
  var prove: Bool { get }
}

/// A page of events that may come with its proofs.
private protocol ProvablePage {
  var events: [Cairn_V1_RecordedEvent] { get }
  var logSize: UInt64 { get }
  var evidence: Cairn_V1_EvidencePack { get set }
}

extension Cairn_V1_QueryEventsRequest: PageRequest {}
extension Cairn_V1_QueryEventsResponse: ProvablePage {}
extension Cairn_V1_ListItemHistoryRequest: PageRequest {}
extension Cairn_V1_ListItemHistoryResponse: ProvablePage {}
