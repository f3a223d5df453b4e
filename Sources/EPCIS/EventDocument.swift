package import Primitives

/// An opened file: what it is, what of it will not be recorded, and its events, read when asked for.
package struct EventDocument: Sendable {
  /// The four shapes a file may have.
  package enum Kind: Hashable, Sendable {
    case document, queryDocument, list, event
  }

  /// Failures kept by `readAll`.
  package static let maximumFailures = 1_000

  /// The file's shape.
  package let kind: Kind
  /// What of the document is no event and was left out.
  package let warnings: [EPCISWarning]
  private let events: [JSONValue]
  private let pointer: JSONPointer
  private let contexts: ContextSet

  init(
    kind: Kind, events: [JSONValue], pointer: JSONPointer, contexts: ContextSet, warnings: [EPCISWarning]
  ) {
    self.kind = kind
    self.events = events
    self.pointer = pointer
    self.contexts = contexts
    self.warnings = warnings
  }

  /// How many events there are, good or bad.
  package var count: Int { events.count }

  /// Where the event at `index` (0 ..< count) stands.
  package func pointer(at index: Int) -> String { node(at: index).pointer.description }

  /// Reads the event at `index` (0 ..< count).
  ///
  /// Throws the first thing wrong in it: WRONG_TYPE, EMPTY_TEXT, FIELD_REQUIRED, UNKNOWN_FIELD, DUPLICATE_FIELD,
  /// UNKNOWN_EVENT_TYPE, INVALID_ACTION, INVALID_TIME or EXTENSION_TOO_DEEP, with its pointer.
  package func event(at index: Int) throws(Failure) -> ReadEvent {
    var reader = EventReader(contexts: contexts)
    return try reader.read(node(at: index))
  }

  /// Reads every event; a bad one does not hide the others.
  package func readAll() -> Reading {
    var reading = Reading(warnings: warnings)
    for index in 0..<count {
      do {
        let event = try event(at: index)
        reading.warnings += event.warnings
        reading.events.append(event)
      } catch {
        reading.failureCount += 1
        if reading.failures.count < Self.maximumFailures { reading.failures.append(error) }
      }
    }
    return reading
  }

  private func node(at index: Int) -> JSONNode {
    JSONNode(events[index], at: kind == .event ? pointer : pointer.element(index))
  }

  /// Everything a file held.
  package struct Reading: Sendable {
    /// The good ones, in order.
    package var events: [ReadEvent] = []
    /// The first 1,000.
    package var failures: [Failure] = []
    /// All of them.
    package var failureCount = 0
    /// Of the document and of every good event.
    package var warnings: [EPCISWarning]
  }
}
