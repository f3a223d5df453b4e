import Provenance
import Wire

/// Proved events as a source: what follows from them follows from nothing else. It finds them by the names by which the
/// ledger does.
struct PackEventSource: EventSource {
  private var byItem: [String: [PlacedEvent]] = [:]
  private var byTransformation: [String: [PlacedEvent]] = [:]

  /// Takes events ascending by place.
  init(_ events: [ProvedEvent]) {
    for proved in events {
      let place = EventPlace(position: proved.record.position, index: proved.record.index)
      let placed = PlacedEvent(
        place: place, event: proved.event, ledgerTime: proved.record.entry.ledgerTime, member: proved.memberID)
      var names: Set<String> = []
      TraceNames.things(of: proved.event) { names.insert($0) }
      for name in names { byItem[name, default: []].append(placed) }
      if let id = TraceNames.transformation(of: proved.event) { byTransformation[id, default: []].append(placed) }
    }
  }

  func mentions(of items: [String]) -> [Mentions] { items.map { Mentions(byItem[$0] ?? []) } }

  func transformations(_ ids: [String]) -> [Mentions] { ids.map { Mentions(byTransformation[$0] ?? []) } }
}
