import Wire

/// Follows a message field's path, such as `sensor_element_list.elements[0].reports[2].value`, to its JSON pointer.
struct FieldWalk {
  private let source: ReadEvent
  private var place: JSONPointer
  private var scope = Scope.event
  private var foreignPointer: String?

  /// What the path has reached so far, as far as it matters for the next step.
  private enum Scope {
    case event, eventTime, plain, leaf
    case contexts
    case texts(Cairn_V1_TextList)
    case dispositions(Cairn_V1_PersistentDisposition)
    case extended([Cairn_V1_Extension])
    case errorDeclaration(Cairn_V1_ErrorDeclaration)
    case sensorElements([Cairn_V1_SensorElement])
    case sensorElement(Cairn_V1_SensorElement)
    case sensorReports([Cairn_V1_SensorReport])
    case extensions([Cairn_V1_Extension])
    case value(Cairn_V1_ExtensionValue)
    case values([Cairn_V1_ExtensionValue])
  }

  init(_ source: ReadEvent) {
    self.source = source
    place = source.place
  }

  var pointer: String { foreignPointer ?? place.description }

  mutating func follow(_ field: String) {
    var names = field.split(separator: ".")
    if let event = names.firstIndex(of: "event") { names.removeFirst(event + 1) }
    for part in names {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      if let name = pieces.first, !name.isEmpty { step(String(name)) }
      for piece in pieces.dropFirst() {
        guard let index = Int(piece.dropLast()) else { return }
        step(index)
      }
    }
  }

  private mutating func step(_ name: String) {
    switch (scope, name) {
    case (.event, _): stepIntoEvent(name)
    case (.eventTime, "offset_minutes"), (.eventTime, "offset_text"):
      place = source.place.member("eventTimeZoneOffset")
    case (.dispositions(let dispositions), _):
      enter(name, .texts(name == "set" ? dispositions.set : dispositions.unset))
    case (.errorDeclaration(let declaration), "corrective_event_ids"):
      enter(name, .texts(declaration.correctiveEventIds))
    case (.errorDeclaration(let declaration), "extensions"): scope = .extensions(declaration.extensions)
    case (.sensorElement(let element), "metadata"): enter("sensor_metadata", .extended(element.metadata.extensions))
    case (.sensorElement(let element), "reports"): enter("sensor_report", .sensorReports(element.reports))
    case (.sensorElement(let element), "extensions"): scope = .extensions(element.extensions)
    case (.extended(let extensions), "extensions"): scope = .extensions(extensions)
    case (.value(let value), "object"): scope = .extensions(value.object.extensions)
    case (.value(let value), "list"): scope = .values(value.list.values)
    case (.value, _), (.extensions, _), (.values, _), (.eventTime, _), (.contexts, _), (.texts, _),
      (.sensorElements, _),
      (.leaf, _):
      break
    case (.extended, "string_value"), (.extended, "boolean_value"): enter(name, .leaf)
    default:
      if !Self.wrappers.contains(name) { enter(name, .plain) }
    }
  }

  private mutating func stepIntoEvent(_ name: String) {
    let event = source.event
    switch name {
    case "type": enter(source.typeName, .plain)
    case "event_time": enter(name, .eventTime)
    case "contexts": enter("@context", .contexts)
    case "persistent_disposition": enter(name, .dispositions(event.persistentDisposition))
    case "certification_info": enter(name, .texts(event.certificationInfo))
    case "read_point": enter(name, .extended(event.readPoint.extensions))
    case "biz_location": enter(name, .extended(event.bizLocation.extensions))
    case "error_declaration": enter(name, .errorDeclaration(event.errorDeclaration))
    case "sensor_element_list": enter(name, .sensorElements(event.sensorElementList.elements))
    case "ilmd": enter(name, .extended(event.ilmd.extensions))
    case "extensions": scope = .extensions(event.extensions)
    default: enter(name, .plain)
    }
  }

  private mutating func step(_ index: Int) {
    switch scope {
    case .texts(let list) where list.scalar: scope = .leaf
    case .leaf: break
    case .contexts:
      foreignPointer = source.contextPointers.indices.contains(index) ? source.contextPointers[index] : nil
      scope = .leaf
    case .sensorElements(let elements): enter(index, elements[safe: index].map { .sensorElement($0) })
    case .sensorReports(let reports): enter(index, reports[safe: index].map { .extended($0.extensions) })
    case .values(let values): enter(index, values[safe: index].map { .value($0) })
    case .extensions(let extensions):
      guard let property = extensions[safe: index] else { return }
      place = place.member(property.name)
      scope = .value(property.value)
    default: enter(index, nil)
    }
  }

  private mutating func enter(_ name: String, _ next: Scope) {
    place = place.member(Self.jsonName(name))
    scope = next
  }

  private mutating func enter(_ index: Int, _ next: Scope?) {
    place = place.element(index)
    scope = next ?? .plain
  }
}

extension FieldWalk {
  /// Message fields that only wrap a list and have no counterpart in JSON.
  private static let wrappers: Set<String> = [
    "items", "quantities", "biz_transactions", "sources", "destinations", "elements", "values",
  ]

  /// `child_epcs` is childEPCs, `s_dev` is sDev, `event_id` is eventID.
  private static func jsonName(_ field: String) -> String {
    let words = field.split(separator: "_")
    guard words.count > 1 else { return field }
    return words.enumerated().map { index, word in
      switch word {
      case "id": "ID"
      case "ids": "IDs"
      case "epc" where index > 0: "EPC"
      case "epcs": "EPCs"
      default: index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
      }
    }.joined()
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
