package import Primitives

/// What the events say of an item, lot, class, place or business transaction at a time.
///
/// An item shares what happens to its containers while it is in them. A fact is as the last event that speaks of it says.
package struct ItemState: Hashable, Sendable {
  /// The canonical identifier.
  package let item: String
  /// What sort of thing it is.
  package let kind: TraceNode.Kind
  /// Its own events and those that it inherits, ascending as in a trace; withdrawn ones are among them.
  package let events: [TraceEvent]
  /// Where it is: the business location of the last event that names any place, or that event's read point.
  package let place: StatedPlace?
  /// The last disposition, as a canonical vocabulary value.
  package let disposition: StatedValue?
  /// Persistent dispositions that were set and not unset since, ascending by value.
  package let persistentDispositions: [StatedValue]
  /// What it is in or associated with, ascending by identifier.
  package let parents: [StatedLink]
  /// What is in it or associated with it, ascending by identifier.
  package let children: [StatedLink]
  /// The business transactions that it is part of, ascending by identifier.
  package let transactions: [StatedLink]
  /// Who has it: the destination possessing_party of the last event that names a possessing party, else its source.
  package let possessor: StatedValue?
  /// Who owns it, by the same rule with owning_party.
  package let owner: StatedValue?
  /// The member whose key signed the last effective event: who spoke of it last.
  package let lastMember: MemberID?
  /// How much there is of a lot or class, one entry a unit, ascending; empty where it cannot be computed exactly.
  package let quantities: [TraceQuantity]
  /// The object ADD or transformation that it came from, the first there is.
  package let createdBy: TraceEvent?
  /// The transformation that used it up, or the object DELETE, if nothing created it again since. Not for amounts.
  package let endedBy: TraceEvent?
  /// Something mentions it or its containers that the asker may not read.
  package let hidesEvents: Bool
  /// It or its containers have more events, or there are more containers, than are looked at.
  package let isCutOff: Bool

  /// The first event that counts.
  package var firstEvent: TraceEvent? { events.first { $0.standing == .effective } }
  /// The last event that counts.
  package var lastEvent: TraceEvent? { events.last { $0.standing == .effective } }
}

/// A place with the event that names it.
package struct StatedPlace: Hashable, Sendable {
  /// The canonical identifier.
  package let id: String
  /// It is where the event took place; where the item was afterwards nobody said.
  package let isReadPoint: Bool
  /// The event.
  package let event: TraceEvent
}

/// A value or party with the event that names it.
package struct StatedValue: Hashable, Sendable {
  /// In canonical form.
  package let value: String
  /// The event.
  package let event: TraceEvent
}

/// A link that holds.
package struct StatedLink: Hashable, Sendable {
  /// How it is joined.
  package let kind: TraceEdge.Kind
  /// The canonical identifier of the other side.
  package let id: String
  /// How much of a lot or class, as in a trace.
  package let quantities: [TraceQuantity]
  /// The event since which it holds so.
  package let since: TraceEvent
}
