package import Consortium
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// The most links of a kind that a state lists.
  static let maxStatedLinks = 1_000

  /// The state of an item as of a time, as far as the caller may know it; notFound UNKNOWN_ITEM where it may read nothing.
  package func getItem(
    _ request: Cairn_V1_GetItemRequest, by caller: Caller
  ) async throws -> Cairn_V1_GetItemResponse {
    let asked = ContinuousClock.now
    let item = try Self.item(request.item).canonical
    let asOf = try TraceQuestion.moment(request.hasAsOf ? request.asOf : nil, "as_of")
    let knownAt = try TraceQuestion.moment(request.hasKnownAt ? request.knownAt : nil, "known_at")
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    var source = eventSource(in: view, scope)
    guard let state = try await ItemState.of(item, asOf: asOf, knownAt: knownAt, in: &source) else {
      await hold(since: asked, scope)
      throw Failure(.notFound, "UNKNOWN_ITEM", "item: no event of \(item) is open to you")
    }
    var events = TraceEvents(source, at: source.events.keys)
    var response = try await state.wire(&events, logSize: view.logSize)
    if request.describe { response.described = try await masterData(for: response.names, scope, in: view) }
    if state.hidesEvents || request.describe { await hold(since: asked, scope) }
    return response
  }
}

extension Cairn_V1_GetItemResponse {
  /// What it names, places and parties first.
  fileprivate var names: [String] {
    let events = [firstEvent, lastEvent].flatMap(\.recorded.event.namesOfPlacesAndParties)
    let links = (parents + children + transactions).map(\.id)
    return [place.id, possessor.value, owner.value].filter { !$0.isEmpty } + events + [item] + links
  }
}
