package import Primitives
package import Wire

/// Writes events as EPCIS 2.0 JSON-LD. Nothing a message holds is lost; what was read comes back the same except that
///
/// - members follow the standard's order, user extensions last in their own order;
/// - `isA` and `@type` become `type`, and the type is the bare word (ObjectEvent);
/// - an `@context` list of one becomes that one.
///
/// Reading what was written gives the identical message when the event says its time in text, as every event read from
/// JSON-LD does, and its context list is not empty.
///
/// Throws `malformed` for messages that `EPCISReader` never makes: NOT_A_NUMBER, DUPLICATE_NAME, EXTENSION_WITHOUT_VALUE,
/// UNKNOWN_EVENT_TYPE, INVALID_ACTION, INVALID_TIME.
package enum EPCISWriter {
  /// One event, with its contexts.
  package static func event(_ event: Cairn_V1_Event) throws(Failure) -> JSONValue {
    try self.event(event, contexts: event.contexts)
  }

  /// An EPCISDocument made at `createdAt`.
  ///
  /// The document's `@context` is what all events' contexts have in common at their beginning; the rest stands in each
  /// event, so that every event reads back with exactly its own contexts. Where they have nothing in common the document
  /// names GS1's context alone, and only then an event that began with another context gains that one.
  package static func document(_ events: [Cairn_V1_Event], createdAt: Instant) throws(Failure) -> JSONValue {
    let common = commonContexts(events)
    var body: [JSONValue] = []
    for (index, event) in events.enumerated() {
      let rest = event.contexts.starts(with: common) ? event.contexts.dropFirst(common.count) : event.contexts[...]
      do { body.append(try self.event(event, contexts: Array(rest))) } catch { throw error.under("events[\(index)]") }
    }
    guard (Instant.earliest...Instant.latest).contains(createdAt) else {
      throw Failure.malformed("INVALID_TIME", field: "creationDate", "the time is outside the years 1 to 9999")
    }
    return .object([
      JSONValue.Member("@context", try context(common)),
      JSONValue.Member("type", .text("EPCISDocument")),
      JSONValue.Member("schemaVersion", .text("2.0")),
      JSONValue.Member("creationDate", .text(RFC3339.text(createdAt))),
      JSONValue.Member("epcisBody", .object([JSONValue.Member("eventList", .array(body))])),
    ])
  }

  private static func commonContexts(_ events: [Cairn_V1_Event]) -> [Cairn_V1_Context] {
    var common = events.first?.contexts ?? []
    for event in events.dropFirst() {
      let count = zip(common, event.contexts).prefix { $0 == $1 }.count
      common.removeLast(common.count - count)
    }
    guard common.isEmpty else { return common }
    var standard = Cairn_V1_Context()
    standard.url = StandardVocabulary.contextURL
    return [standard]
  }

  private static func event(_ event: Cairn_V1_Event, contexts: [Cairn_V1_Context]) throws(Failure) -> JSONValue {
    var builder = ObjectBuilder()
    if !contexts.isEmpty { try builder.add("@context", try context(contexts)) }
    try EventWriter(event).write(into: &builder)
    return builder.value
  }

  private static func context(_ contexts: [Cairn_V1_Context]) throws(Failure) -> JSONValue {
    var values: [JSONValue] = []
    for (index, context) in contexts.enumerated() {
      switch context.kind {
      case .url(let url): values.append(.text(url))
      case .terms(let terms):
        values.append(
          try ObjectBuilder.object("contexts[\(index)]", terms.extensions) { (extensions, builder) throws(Failure) in
            try builder.extensions(extensions)
          })
      case nil:
        throw Failure.malformed("EXTENSION_WITHOUT_VALUE", field: "contexts[\(index)]", "a context is a URL or terms")
      }
    }
    if let only = values.first, values.count == 1 { return only }
    return .array(values)
  }
}
