package import Primitives

/// Reads EPCIS 2.0 JSON-LD: an EPCISDocument, an EPCISQueryDocument, one event, or a list of events.
///
/// Text is kept as written: bare words, CURIEs and URIs alike. No context is fetched and nothing is guessed. A member
/// outside the standard is a user extension when its name has a colon (a CURIE or a URI) or when a context object in
/// the file defines it; otherwise it is refused as UNKNOWN_FIELD, because it would mean nothing to JSON-LD and is most
/// often a misspelt field. Only where a context of somebody else is named by URL, which may define it, is it kept, with
/// the warning TERM_NOT_CHECKED. Below the top level of an extension any JSON is kept as it is.
package enum EPCISReader {
  /// The file's shape, contexts and warnings; events are read one by one from the answer.
  ///
  /// Throws XML_NOT_READ, NOT_EPCIS, SCHEMA_VERSION, WRONG_TYPE, FIELD_REQUIRED, or what `JSONParser` throws.
  package static func open(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(Failure) -> EventDocument {
    try refuseXML(bytes)
    return try open(JSONNode(JSONParser.parse(bytes, limits: limits)))
  }

  /// The same for a JSON value.
  package static func open(_ root: JSONNode) throws(Failure) -> EventDocument {
    switch root.value {
    case .array(let events):
      return EventDocument(kind: .list, events: events, pointer: root.pointer, contexts: ContextSet(), warnings: [])
    case .object where isDocument(root):
      var reader = DocumentReader(root)
      return try reader.read()
    case .object where typeNode(root) != nil:
      return EventDocument(
        kind: .event, events: [root.value], pointer: root.pointer, contexts: ContextSet(), warnings: [])
    default:
      throw root.failure(
        "NOT_EPCIS", "this is \(root.value.kind) without a type; an EPCISDocument, an event or a list of events is read"
      )
    }
  }

  static func typeNode(_ node: JSONNode) -> JSONNode? {
    node.member("type") ?? node.member("isA") ?? node.member("@type")
  }

  private static func isDocument(_ root: JSONNode) -> Bool {
    if root.member("epcisBody") != nil { return true }
    guard case .text(let type)? = typeNode(root)?.value else { return false }
    return type.hasSuffix("Document")
  }

  private static func refuseXML(_ bytes: [UInt8]) throws(Failure) {
    let isSpace: (UInt8) -> Bool = { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
    guard bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "<") else { return }
    throw Failure(
      .malformed, "XML_NOT_READ", "this is XML; only EPCIS 2.0 JSON-LD is read, so convert the file first",
      metadata: ["pointer": ""])
  }
}
