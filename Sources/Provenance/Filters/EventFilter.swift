package import Primitives
package import Wire

/// Which events are wanted: conditions of different fields must all hold, of the values in one field any may match
/// (EPCIS 2.0.1, section 8.2.7.1).
package struct EventFilter: Sendable {
  /// The most values in one field.
  package static let maximumValueCount = 64
  /// The most conditions in one repeated message field: each may have to look at every value of an event.
  package static let maximumConditionCount = 16

  /// When the events happened.
  package let eventTime: TimeRange
  /// When the ledger ordered them.
  package let ledgerTime: TimeRange
  /// Kinds of event; empty means any.
  package let types: Set<Cairn_V1_EventType>
  /// Actions; empty means any.
  package let actions: Set<Cairn_V1_Action>
  /// Business steps in canonical form; empty means any.
  package let bizSteps: Set<String>
  /// Dispositions in canonical form; empty means any.
  package let dispositions: Set<String>
  /// Items and classes in canonical form, in any role; empty means any.
  package let items: Set<String>
  /// Read points or business locations in canonical form; empty means any.
  package let places: Set<String>
  /// Read points in canonical form; empty means any.
  package let readPoints: Set<String>
  /// Business locations in canonical form; empty means any.
  package let bizLocations: Set<String>
  /// Author keys; empty means any.
  package let authors: Set<KeyID>
  /// EPCIS event ids, compared as text; empty means any.
  package let eventIDs: Set<String>
  /// What else an event must say.
  private let conditions: [any EventCondition]
  /// What master data may have to decide.
  private let described: [any DescribedCondition]

  /// CBV event hashes; empty means any.
  package let eventHashes: Set<EventHash>

  /// Reads a filter and brings every value to its canonical form; a failure names the field by its proto path.
  package init(_ wire: Cairn_V1_EventFilter) throws(Failure) {
    eventTime = try FilterValues.timeRange(
      "event_time", wire.hasEventTimeFrom ? wire.eventTimeFrom : nil,
      wire.hasEventTimeBefore ? wire.eventTimeBefore : nil)
    ledgerTime = try FilterValues.timeRange(
      "ledger_time", wire.hasLedgerTimeFrom ? wire.ledgerTimeFrom : nil,
      wire.hasLedgerTimeBefore ? wire.ledgerTimeBefore : nil)
    types = try FilterValues.types(wire.types)
    actions = try FilterValues.actions(wire.actions)
    bizSteps = try FilterValues.values("biz_steps", wire.bizSteps, of: .bizStep)
    dispositions = try FilterValues.values("dispositions", wire.dispositions, of: .disposition)
    items = try FilterValues.identifiers("items", wire.items)
    places = try FilterValues.identifiers("places", wire.places)
    readPoints = try FilterValues.identifiers("read_points", wire.readPoints)
    bizLocations = try FilterValues.identifiers("biz_locations", wire.bizLocations)
    authors = try FilterValues.authors(wire.authorKeyIds)
    eventIDs = try FilterValues.names("event_ids", wire.eventIds)
    eventHashes = try FilterValues.eventHashes(wire.eventHashes)
    conditions = try Self.conditions(wire)
    described = try Self.describedConditions(wire)
  }

  /// Whether every event matches.
  package var isEmpty: Bool {
    eventTime.isUnbounded && ledgerTime.isUnbounded && types.isEmpty && actions.isEmpty && bizSteps.isEmpty
      && dispositions.isEmpty && items.isEmpty && places.isEmpty && readPoints.isEmpty && bizLocations.isEmpty
      && authors.isEmpty && eventIDs.isEmpty && eventHashes.isEmpty && conditions.isEmpty
      && described.isEmpty
  }

  /// Sets of values that are indexed: every event that is wanted has at least one value of each set. None where only a
  /// look at every event tells.
  package var indexed: [[IndexedValue]] {
    let own =
      [
        eventIDs.map { .eventID($0) }, items.map { .item($0) }, readPoints.map { .readPoint($0) },
        bizLocations.map { .bizLocation($0) }, places.flatMap { [.readPoint($0), .bizLocation($0)] },
      ] as [[IndexedValue]]
    return own.filter { !$0.isEmpty } + conditions.compactMap(\.indexed)
  }

  /// Whether an event, ordered at `ledgerTime` and signed by `author`, is wanted even if nobody describes anything.
  package func matches(_ event: ValidatedEvent, ledgerTime: Instant, author: KeyID) -> Bool {
    mayMatch(event, ledgerTime: ledgerTime, author: author) && undecided(event).isEmpty
  }

  /// Whether it is up to master data whether some events are wanted.
  package var asksForMasterData: Bool { !described.isEmpty }

  /// The fields of which master data decides whether the event is as they say; it may be wanted only if it is.
  package func undecided(_ event: ValidatedEvent) -> [String] {
    described.filter { $0.holds(for: event) == nil }.map(\.field)
  }

  /// Whether an event that may be wanted is, by what `source` knows.
  package func matches(_ event: ValidatedEvent, by source: inout some MasterDataSource) throws -> Bool {
    for condition in described where condition.holds(for: event) != true {
      guard try condition.holds(for: event, by: &source) else { return false }
    }
    return true
  }

  /// Whether an event is wanted, or would be if master data were as it would have to be.
  package func mayMatch(_ event: ValidatedEvent, ledgerTime: Instant, author: KeyID) -> Bool {
    guard eventTime.contains(event.eventTime), self.ledgerTime.contains(ledgerTime) else { return false }
    guard authors.isEmpty || authors.contains(author) else { return false }
    guard types.isEmpty || types.contains(event.event.type) else { return false }
    guard actions.isEmpty || actions.contains(event.event.action) else { return false }
    guard eventIDs.isEmpty || eventIDs.contains(event.event.eventID) else { return false }
    return matchesBusinessContext(event) && matchesPlace(event)
      && (items.isEmpty || event.items.contains { items.contains($0.canonical) })
      && conditions.allSatisfy { $0.holds(for: event) }
      && described.allSatisfy { $0.holds(for: event) != false }
      && (eventHashes.isEmpty || EventHash.all(of: event.event).contains(where: eventHashes.contains))
  }

  private func matchesBusinessContext(_ event: ValidatedEvent) -> Bool {
    Self.matches(bizSteps, event.bizStep) && Self.matches(dispositions, event.disposition)
  }

  private func matchesPlace(_ event: ValidatedEvent) -> Bool {
    guard Self.matches(readPoints, event.readPoint), Self.matches(bizLocations, event.bizLocation) else { return false }
    return Self.matches(places, event.readPoint) || Self.matches(places, event.bizLocation)
  }

  private static func matches(_ wanted: Set<String>, _ value: String?) -> Bool {
    wanted.isEmpty || value.map(wanted.contains) == true
  }
}
