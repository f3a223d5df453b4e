import Primitives
import Wire

/// Turns one JSON-LD event into a message (EPCIS 2.0 section 10).
struct EventReader {
  var contexts: ContextSet
  var warnings: [EPCISWarning] = []
  private var typeName: String?

  init(contexts: ContextSet) { self.contexts = contexts }

  mutating func read(_ node: JSONNode) throws(Failure) -> ReadEvent {
    let members = try node.members()
    if let context = node.member("@context") { try contexts.add(context) }
    var event = Cairn_V1_Event()
    for (name, member) in members where name != "@context" {
      guard try !readHead(name, member, &event), try !readItems(name, member, &event),
        try !readCircumstances(name, member, &event)
      else { continue }
      event.extensions.append(try userExtension(name, member))
    }
    guard let typeName else { throw node.missing("type") }
    for required in ["eventTime", "eventTimeZoneOffset"] where node.member(required) == nil {
      throw node.missing(required)
    }
    event.contexts = contexts.contexts
    return ReadEvent(
      event: event, place: node.pointer, typeName: typeName, contextPointers: contexts.pointers, warnings: warnings)
  }

  private mutating func readHead(
    _ name: String, _ node: JSONNode, _ event: inout Cairn_V1_Event
  ) throws(Failure) -> Bool {
    switch name {
    case "type", "isA", "@type":
      guard typeName == nil else {
        throw node.failure("DUPLICATE_FIELD", "the type is given as '\(typeName ?? "")' too")
      }
      typeName = name
      event.type = try eventType(node)
    case "eventTime":
      event.eventTime.microseconds = try node.time().instant.microseconds
      event.eventTime.text = try node.text()
    case "eventTimeZoneOffset":
      event.eventTime.offsetMinutes = Int32(try node.zoneOffset())
      event.eventTime.offsetText = try node.text()
    case "eventID": event.eventID = try node.text()
    case "recordTime": event.recordTime = try node.text()
    case "action": event.action = try action(node)
    case "bizStep": event.bizStep = try node.text()
    case "disposition": event.disposition = try node.text()
    case "transformationID": event.transformationID = try node.text()
    case "parentID": event.parentID = try node.text()
    default: return false
    }
    return true
  }

  private mutating func readItems(
    _ name: String, _ node: JSONNode, _ event: inout Cairn_V1_Event
  ) throws(Failure) -> Bool {
    switch name {
    case "epcList": event.epcList = try items(node)
    case "childEPCs": event.childEpcs = try items(node)
    case "inputEPCList": event.inputEpcList = try items(node)
    case "outputEPCList": event.outputEpcList = try items(node)
    case "quantityList": event.quantityList = try quantities(node)
    case "childQuantityList": event.childQuantityList = try quantities(node)
    case "inputQuantityList": event.inputQuantityList = try quantities(node)
    case "outputQuantityList": event.outputQuantityList = try quantities(node)
    default: return false
    }
    return true
  }

  private mutating func readCircumstances(
    _ name: String, _ node: JSONNode, _ event: inout Cairn_V1_Event
  ) throws(Failure) -> Bool {
    switch name {
    case "persistentDisposition": event.persistentDisposition = try persistentDisposition(node)
    case "readPoint": event.readPoint = try location(node)
    case "bizLocation": event.bizLocation = try location(node)
    case "bizTransactionList": event.bizTransactionList = try bizTransactions(node)
    case "sourceList": event.sourceList = try sources(node)
    case "destinationList": event.destinationList = try destinations(node)
    case "sensorElementList": event.sensorElementList = try sensorElements(node)
    case "ilmd": event.ilmd.extensions = try userExtensions(node)
    case "errorDeclaration": event.errorDeclaration = try errorDeclaration(node)
    case "certificationInfo": event.certificationInfo = try textList(node)
    default: return false
    }
    return true
  }

  private func eventType(_ node: JSONNode) throws(Failure) -> Cairn_V1_EventType {
    var name = try node.text()
    for prefix in ["epcis:", StandardVocabulary.namespace] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    guard let type = EventTypeNames.type(name) else {
      throw node.failure(
        "UNKNOWN_EVENT_TYPE", "'\(name.prefix(100))' is none of the five: \(EventTypeNames.all.joined(separator: ", "))"
      )
    }
    return type
  }

  private func action(_ node: JSONNode) throws(Failure) -> Cairn_V1_Action {
    switch try node.text() {
    case "ADD": return .add
    case "OBSERVE": return .observe
    case "DELETE": return .delete
    case let other: throw node.failure("INVALID_ACTION", "'\(other.prefix(32))' is none of ADD, OBSERVE, DELETE")
    }
  }
}
