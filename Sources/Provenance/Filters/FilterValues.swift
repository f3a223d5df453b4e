import FoundationEssentials
import Primitives
import Wire

/// Reads the fields of a filter, each within its limits.
enum FilterValues {
  static func timeRange(
    _ field: String, _ from: Cairn_V1_TimeBound?, _ before: Cairn_V1_TimeBound?
  ) throws(Failure) -> TimeRange {
    let from = try instant("\(field)_from", from)
    let before = try instant("\(field)_before", before)
    if let from, let before, from >= before {
      throw .malformed(
        "EMPTY_TIME_RANGE", field: "\(field)_before", "is not after \(field)_from, so nothing can match")
    }
    return TimeRange(from: from, before: before)
  }

  private static func instant(_ field: String, _ bound: Cairn_V1_TimeBound?) throws(Failure) -> Instant? {
    guard let bound else { return nil }
    return try instant("\(field).microseconds", bound.microseconds)
  }

  static func instant(_ field: String, _ microseconds: Int64) throws(Failure) -> Instant {
    let instant = Instant(microseconds: microseconds)
    guard (Instant.earliest...Instant.latest).contains(instant) else {
      throw .malformed("TIME_OUT_OF_RANGE", field: field, "is before year 1 or after year 9999")
    }
    return instant
  }

  static func types(_ types: [Cairn_V1_EventType]) throws(Failure) -> Set<Cairn_V1_EventType> {
    try count("types", types.count)
    for (index, type) in types.enumerated() {
      switch type {
      case .object, .aggregation, .transaction, .transformation, .association: continue
      case .unspecified, .UNRECOGNIZED:
        throw .malformed("UNKNOWN_EVENT_TYPE", field: "types[\(index)]", "is none of the five kinds of event")
      }
    }
    return Set(types)
  }

  static func actions(_ actions: [Cairn_V1_Action]) throws(Failure) -> Set<Cairn_V1_Action> {
    try count("actions", actions.count)
    for (index, action) in actions.enumerated() {
      switch action {
      case .add, .observe, .delete: continue
      case .unspecified, .UNRECOGNIZED:
        throw .malformed("UNKNOWN_ACTION", field: "actions[\(index)]", "is none of ADD, OBSERVE and DELETE")
      }
    }
    return Set(actions)
  }

  static func values(_ field: String, _ texts: [String], of vocabulary: Vocabulary) throws(Failure) -> Set<String> {
    try set(field, texts) { text throws(Failure) in try Vocabulary.canonical(text, of: vocabulary) }
  }

  static func identifiers(_ field: String, _ texts: [String]) throws(Failure) -> Set<String> {
    try set(field, texts) { text throws(Failure) in try Identifier(text).canonical }
  }

  /// Texts that are compared as they are.
  static func texts(_ field: String, _ texts: [String]) throws(Failure) -> Set<String> {
    try set(field, texts) { text throws(Failure) in
      try Rules.text("", text)
      return text
    }
  }

  static func eventHashes(_ texts: [String]) throws(Failure) -> Set<EventHash> {
    try count("event_hashes", texts.count)
    var hashes: Set<EventHash> = []
    for (index, text) in texts.enumerated() {
      guard let hash = EventHash(text) else {
        throw .malformed(
          "INVALID_EVENT_HASH", field: "event_hashes[\(index)]",
          "is not ni:///sha-256; and 64 hexadecimal digits and ?ver=CBV2.0")
      }
      hashes.insert(hash)
    }
    return hashes
  }

  /// URIs that are compared as they are.
  static func names(_ field: String, _ texts: [String]) throws(Failure) -> Set<String> {
    try set(field, texts) { text throws(Failure) in
      try Rules.uri("", text)
      return text
    }
  }

  /// URIs that may be identifiers in any spelling.
  static func uris(_ field: String, _ texts: [String]) throws(Failure) -> Set<String> {
    try set(field, texts) { text throws(Failure) in
      try Rules.uri("", text)
      return canonicalURI(text)
    }
  }

  /// The canonical identifier that a URI is, or the URI itself.
  static func canonicalURI(_ text: String) -> String { (try? Identifier(text).canonical) ?? text }

  static func comparison(_ field: String, _ comparison: Cairn_V1_Comparison) throws(Failure) -> Cairn_V1_Comparison {
    switch comparison {
    case .equal, .greater, .greaterOrEqual, .less, .lessOrEqual: return comparison
    case .unspecified, .UNRECOGNIZED:
      throw .malformed("UNKNOWN_COMPARISON", field: field, "is none of EQUAL, GREATER, LESS and the two with OR_EQUAL")
    }
  }

  static func authors(_ keys: [Data]) throws(Failure) -> Set<KeyID> {
    try count("author_key_ids", keys.count)
    var authors: Set<KeyID> = []
    for (index, key) in keys.enumerated() {
      guard let author = KeyID(key) else {
        throw .malformed("INVALID_KEY_ID", field: "author_key_ids[\(index)]", "has \(key.count) bytes; 32 are needed")
      }
      authors.insert(author)
    }
    return authors
  }

  private static func set(
    _ field: String, _ texts: [String], _ canonical: (String) throws(Failure) -> String
  ) throws(Failure) -> Set<String> {
    try count(field, texts.count)
    var values: Set<String> = []
    for (index, text) in texts.enumerated() {
      let value = try at("\(field)[\(index)]") { () throws(Failure) in try canonical(text) }
      values.insert(value)
    }
    return values
  }

  static func count(_ field: String, _ count: Int) throws(Failure) {
    guard count <= EventFilter.maximumValueCount else {
      throw .malformed(
        "TOO_MANY_VALUES", field: field, "has \(count) values; at most \(EventFilter.maximumValueCount) are allowed")
    }
  }
}
