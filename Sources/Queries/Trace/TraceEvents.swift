import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

/// The events of an answer while it is given: those of a small one are kept, others are read again when it is their turn, so
/// that a slow client costs little memory.
struct TraceEvents {
  private enum Held {
    case kept(ValidatedEvent, StoredRecord)
    case number(UInt64)
  }

  /// How many events are best asked for at a time.
  static let pageEvents = 128
  private static let keptBytes = 4 << 20
  /// What says where an event stands, about.
  private static let handleBytes = 110

  private let store: Store
  private let view: LedgerView
  private var assembler: EventAssembler
  private var held: [EventPlace: Held] = [:]

  /// Takes those of the source's events that stand at `places`.
  init(_ source: LedgerEventSource, at places: some Sequence<EventPlace>) {
    (store, view, assembler) = (source.store, source.view, EventAssembler(source.scope))
    let events = source.events
    var bytes = 0
    for place in places where held[place] == nil {
      guard let event = events[place] else { continue }
      bytes += event.record.bytes.count
      held[place] = bytes <= Self.keptBytes ? .kept(event.placed.event, event.record) : .number(event.record.ordinal)
    }
  }

  /// The events as they are told, with about how many bytes each has. Of one that was erased since, nothing but its place.
  mutating func traced(
    _ events: some Collection<TraceEvent>, whole: Bool
  ) async throws -> [(event: Cairn_V1_TracedEvent, bytes: Int)] {
    let again = events.compactMap { if case .number(let ordinal) = held[$0.place] { ordinal } else { nil } }
    let records = again.isEmpty ? [] : try await store.records(ordinals: again, in: view)
    let byPlace = Dictionary(records.map { (EventPlace($0), $0) }, uniquingKeysWith: { first, _ in first })
    var traced: [(event: Cairn_V1_TracedEvent, bytes: Int)] = []
    for event in events {
      let (recorded, bytes) = try recorded(event.place, readAgain: byPlace[event.place], whole: whole)
      let told = Cairn_V1_TracedEvent.with {
        $0.recorded = recorded
        $0.eventTimeMicroseconds = event.time.microseconds
        $0.standing = event.standing.wire
      }
      traced.append((told, whole ? bytes + Self.handleBytes : Self.handleBytes))
    }
    return traced
  }

  /// Where an event stands.
  mutating func reference(_ event: TraceEvent) async throws -> Cairn_V1_EventReference {
    let recorded = try await traced(CollectionOfOne(event), whole: false).first?.event.recorded ?? .init()
    return .with {
      $0.recordID = recorded.recordID
      $0.position = recorded.position
      $0.recordIndex = recorded.recordIndex
      $0.eventTimeMicroseconds = event.time.microseconds
      $0.memberID = recorded.memberID
    }
  }

  private mutating func recorded(
    _ place: EventPlace, readAgain record: StoredRecord?, whole: Bool
  ) throws -> (event: Cairn_V1_RecordedEvent, bytes: Int) {
    if case .kept(let event, let record) = held[place] {
      return (whole ? try assembler.event(event, of: record) : try assembler.handle(of: record), record.bytes.count)
    }
    if let record, !whole, !record.isRedacted { return (try assembler.handle(of: record), record.bytes.count) }
    if let record, case .provenance(let event) = try? ParsedRecord(record.bytes).body {
      return (try assembler.event(event, of: record), record.bytes.count)
    }
    let erased = Cairn_V1_RecordedEvent.with {
      $0.position = place.position
      $0.recordIndex = place.index
    }
    return (erased, 0)
  }
}

extension EventPlace {
  /// Where a record stands.
  init(_ record: StoredRecord) { self.init(position: record.position, index: record.index) }
}
