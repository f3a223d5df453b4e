import Primitives

/// Reads what surrounds the events of an EPCISDocument or EPCISQueryDocument (EPCIS 2.0 section 10.2).
struct DocumentReader {
  private let root: JSONNode
  private var contexts = ContextSet()
  private var warnings: [EPCISWarning] = []

  init(_ root: JSONNode) { self.root = root }

  mutating func read() throws(Failure) -> EventDocument {
    let kind = try documentKind()
    var body: JSONNode?
    for (name, node) in try root.members() {
      switch name {
      case "@context": try contexts.add(node)
      case "type", "isA", "@type": break
      case "schemaVersion": try checkVersion(node)
      case "epcisBody": body = node
      case "epcisHeader": try noteHeader(node)
      default: note(node, "this is about the document, not about an event")
      }
    }
    guard let body else { throw root.missing("epcisBody") }
    let list = try eventList(body, kind)
    guard case .array(let events) = list.value else {
      throw list.failure("WRONG_TYPE", "a list of events should stand here, not \(list.value.kind)")
    }
    return EventDocument(kind: kind, events: events, pointer: list.pointer, contexts: contexts, warnings: warnings)
  }

  private func documentKind() throws(Failure) -> EventDocument.Kind {
    guard let node = EPCISReader.typeNode(root) else { throw root.missing("type") }
    switch try node.text() {
    case "EPCISDocument", "epcis:EPCISDocument", StandardVocabulary.namespace + "EPCISDocument": return .document
    case "EPCISQueryDocument", "epcis:EPCISQueryDocument", StandardVocabulary.namespace + "EPCISQueryDocument":
      return .queryDocument
    case let other:
      throw node.failure(
        "NOT_EPCIS", "'\(other.prefix(100))' holds no events; an EPCISDocument or EPCISQueryDocument does")
    }
  }

  private func checkVersion(_ node: JSONNode) throws(Failure) {
    let version: String
    if case .number(let number) = node.value { version = number } else { version = try node.text() }
    guard version == "2" || version.hasPrefix("2.") else {
      throw node.failure("SCHEMA_VERSION", "this is version '\(version.prefix(32))'; version 2.x is read")
    }
  }

  private mutating func eventList(_ body: JSONNode, _ kind: EventDocument.Kind) throws(Failure) -> JSONNode {
    var place = body
    if kind == .queryDocument {
      place = try descend(place, to: "queryResults")
      place = try descend(place, to: "resultsBody")
    }
    return try descend(place, to: "eventList")
  }

  private mutating func descend(_ node: JSONNode, to wanted: String) throws(Failure) -> JSONNode {
    var found: JSONNode?
    for (name, member) in try node.members() {
      if name == wanted { found = member } else { note(member, "this is no event") }
    }
    guard let found else { throw node.missing(wanted) }
    return found
  }

  private mutating func noteHeader(_ header: JSONNode) throws(Failure) {
    for (name, member) in try header.members() {
      guard name == "epcisMasterData" else {
        note(member, "this is about the document, not about an event")
        continue
      }
      warnings.append(
        EPCISWarning(
          reason: "MASTER_DATA_NOT_RECORDED", pointer: member.pointer.description,
          message: "not recorded with the events: it describes things and places; cairn masterdata add records it"))
    }
  }

  private mutating func note(_ node: JSONNode, _ why: String) {
    warnings.append(
      EPCISWarning(
        reason: "DOCUMENT_FIELD_NOT_RECORDED", pointer: node.pointer.description, message: "not recorded: \(why)"))
  }
}
