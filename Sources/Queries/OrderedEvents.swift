import Foundation
import Primitives
import Provenance
import Store
import Wire

/// All events that match and that a caller may read, in the order asked for. Keeps their order; a page loads its own.
struct OrderedEvents {
  /// Where an event stands in the order: its key, and its record's number in the log.
  typealias Place = (key: EventOrder.Key, place: UInt64)

  /// The events of a small answer are kept, so that a page need not read and parse them again.
  private static let keptBytes = 1 << 20

  private let search: EventSearch
  private let order: EventOrder
  private let isDescending: Bool
  private var places: [Place] = []
  private var kept: [UInt64: Cairn_V1_RecordedEvent] = [:]

  /// Puts the events in order, the first `countLimit` of them; exhausted QUERY_TOO_LARGE where they are more than
  /// `maximumCount`, or where too much would have to be looked at.
  init(
    _ search: EventSearch, by order: EventOrder, isDescending: Bool, countLimit: UInt64?, maximumCount: Int?
  ) throws {
    self.search = search
    self.order = order
    self.isDescending = isDescending
    var (places, kept, bytes) = ([Place](), [UInt64: Cairn_V1_RecordedEvent](), 0)
    let rest = try search.visit(from: nil, skipping: EventSearch.maxSkippedByAll) { record, event in
      places.append((order.key(of: event.event), record.ordinal))
      bytes += record.bytes.count
      if bytes <= Self.keptBytes { kept[record.ordinal] = event }
      if let maximumCount, places.count > maximumCount { throw EventSearch.tooMany(maximumCount) }
      return true
    }
    guard rest == nil else { throw EventSearch.tooLarge }
    places.sort { order.precedes($0, $1, isDescending: isDescending) }
    self.places = countLimit.map { Array(places.prefix(Int(clamping: $0))) } ?? places
    self.kept = kept
  }

  /// Where the last event of a page stands. Malformed PAGE_TOKEN where that cannot be told: the event was erased since.
  func place(of ordinal: UInt64, at time: Instant) throws(Failure) -> Place {
    if order.isByTime { return (.time(time), ordinal) }
    guard let place = places.first(where: { $0.place == ordinal }) else {
      throw .malformed(
        "PAGE_TOKEN", field: "page_token", "the event that the page before ended with was erased; ask again without it")
    }
    return place
  }

  /// At most `limit` events, about 2 MiB, from the beginning or after the place `last`; and the last one's place if there
  /// are more.
  func page(after last: Place?, limit: Int) throws -> (events: [Cairn_V1_RecordedEvent], next: Place?) {
    let rest = places.drop { place in last.map { !order.precedes($0, place, isDescending: isDescending) } ?? false }
    var assembler = EventAssembler(search.descriptions.scope)
    var events: [Cairn_V1_RecordedEvent] = []
    var (bytes, end) = (0, rest.startIndex)
    for place in rest {
      guard events.count < limit, bytes < EventSearch.pageBytes else { break }
      end += 1
      let record =
        kept[place.place] == nil ? try search.candidates.reader.records(ordinals: [place.place]).first : nil
      guard
        let event = try kept[place.place] ?? record.flatMap({ try load($0, by: &assembler) })
      else { continue }
      events.append(event)
      bytes += record?.bytes.count ?? 0
    }
    return (events, end == rest.endIndex ? nil : rest[end - 1])
  }

  /// What matched when the events were put in order, if it was not erased since.
  private func load(_ record: StoredRecord, by assembler: inout EventAssembler) throws -> Cairn_V1_RecordedEvent? {
    guard let event = try assembler.event(record, thatMayMatch: search.candidates.filter) else { return nil }
    return try assembler.event(event, of: record)
  }
}

extension EventSearch {
  /// More events match than were asked for.
  static func tooMany(_ maximum: Int) -> Failure {
    Failure(
      .exhausted, "QUERY_TOO_LARGE",
      "max_event_count: more than \(maximum) events match; narrow the filter, or ask for pages without it")
  }

  /// Too much would have to be looked at.
  static var tooLarge: Failure {
    Failure(
      .exhausted, "QUERY_TOO_LARGE",
      "an order by event time or by a field, or a count, looks at \(maxCandidates) candidates at most, or 32 MiB; narrow the filter, for example by "
        + "item, place or time")
  }
}
