package import Primitives

/// Where events come from: the ledger, a list in a test, a proved pack.
package protocol EventSource {
  /// What mentions each of the identifiers (canonical, any role), in the order asked for.
  ///
  /// Business transactions are asked for as well. A source that can find them gives the transaction events that name one;
  /// from one that gives nothing for them, only a DELETE that names no items is missed.
  mutating func mentions(of items: [String]) async throws -> [Mentions]
  /// The events of each transformationID, in the order asked for.
  mutating func transformations(_ ids: [String]) async throws -> [Mentions]
}

/// An event as a source gives it.
package struct PlacedEvent: Sendable {
  /// Where it stands in the log.
  package let place: EventPlace
  /// The event.
  package let event: ValidatedEvent
  /// When the ledger ordered it.
  package let ledgerTime: Instant
  /// Whose key signed it; nil where that is not known.
  package let member: MemberID?

  /// An event with what the ledger says of it.
  package init(place: EventPlace, event: ValidatedEvent, ledgerTime: Instant, member: MemberID?) {
    self.place = place
    self.event = event
    self.ledgerTime = ledgerTime
    self.member = member
  }
}

/// What a source knows of one item or transformationID.
package struct Mentions: Sendable {
  /// The events that the asker may read, ascending by place, each once.
  package var events: [PlacedEvent]
  /// Something mentions it that the asker may not read.
  package var hidesEvents: Bool
  /// There are more events than the source gives.
  package var isCutOff: Bool

  /// What is known; of nothing, by default.
  package init(_ events: [PlacedEvent] = [], hidesEvents: Bool = false, isCutOff: Bool = false) {
    self.events = events
    self.hidesEvents = hidesEvents
    self.isCutOff = isCutOff
  }
}
