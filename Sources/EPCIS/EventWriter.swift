import Primitives
import Wire

/// Writes one event's members in the standard's order.
struct EventWriter {
  private let event: Cairn_V1_Event

  init(_ event: Cairn_V1_Event) { self.event = event }

  func write(into builder: inout ObjectBuilder) throws(Failure) {
    guard let type = EventTypeNames.name(event.type) else {
      throw Failure.malformed("UNKNOWN_EVENT_TYPE", field: "type", "the event is of none of the five types")
    }
    try builder.text("type", type)
    try builder.text("eventID", event.eventID)
    if event.hasEventTime { try writeTime(into: &builder) }
    try builder.text("recordTime", event.recordTime)
    if event.hasErrorDeclaration {
      try builder.object("errorDeclaration", event.errorDeclaration, Self.errorDeclaration)
    }
    try writeItems(into: &builder)
    try builder.text("action", try action())
    try writeCircumstances(into: &builder)
    try builder.extensions(event.extensions)
  }

  private func writeTime(into builder: inout ObjectBuilder) throws(Failure) {
    let time = event.eventTime
    let instant = Instant(microseconds: time.microseconds)
    guard (Instant.earliest...Instant.latest).contains(instant), (-840...840).contains(time.offsetMinutes) else {
      throw Failure.malformed("INVALID_TIME", field: "event_time", "the time is outside the years 1 to 9999 or ±14:00")
    }
    let offset = Int(time.offsetMinutes)
    try builder.text("eventTime", time.text.isEmpty ? RFC3339.text(instant) : time.text)
    try builder.text("eventTimeZoneOffset", time.offsetText.isEmpty ? RFC3339.offsetText(offset) : time.offsetText)
  }

  private func action() throws(Failure) -> String {
    switch event.action {
    case .unspecified: return ""
    case .add: return "ADD"
    case .observe: return "OBSERVE"
    case .delete: return "DELETE"
    case .UNRECOGNIZED(let number):
      throw Failure.malformed("INVALID_ACTION", field: "action", "\(number) is no action")
    }
  }

  private func writeItems(into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("transformationID", event.transformationID)
    try builder.text("parentID", event.parentID)
    if event.hasEpcList { try builder.texts("epcList", event.epcList.items) }
    if event.hasChildEpcs { try builder.texts("childEPCs", event.childEpcs.items) }
    if event.hasInputEpcList { try builder.texts("inputEPCList", event.inputEpcList.items) }
    if event.hasOutputEpcList { try builder.texts("outputEPCList", event.outputEpcList.items) }
    let lists = [
      ("quantityList", event.hasQuantityList, event.quantityList),
      ("childQuantityList", event.hasChildQuantityList, event.childQuantityList),
      ("inputQuantityList", event.hasInputQuantityList, event.inputQuantityList),
      ("outputQuantityList", event.hasOutputQuantityList, event.outputQuantityList),
    ]
    for (name, isPresent, list) in lists where isPresent { try builder.list(name, list.quantities, Self.quantity) }
  }

  private func writeCircumstances(into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("bizStep", event.bizStep)
    try builder.text("disposition", event.disposition)
    if event.hasPersistentDisposition {
      try builder.object("persistentDisposition", event.persistentDisposition, Self.persistentDisposition)
    }
    if event.hasReadPoint { try builder.object("readPoint", event.readPoint, Self.location) }
    if event.hasBizLocation { try builder.object("bizLocation", event.bizLocation, Self.location) }
    if event.hasBizTransactionList {
      try builder.list("bizTransactionList", event.bizTransactionList.bizTransactions, Self.bizTransaction)
    }
    if event.hasSourceList { try builder.list("sourceList", event.sourceList.sources, Self.source) }
    if event.hasDestinationList {
      try builder.list("destinationList", event.destinationList.destinations, Self.destination)
    }
    if event.hasSensorElementList {
      try builder.list("sensorElementList", event.sensorElementList.elements, Self.sensorElement)
    }
    if event.hasIlmd {
      try builder.object("ilmd", event.ilmd.extensions) { (extensions, builder) throws(Failure) in
        try builder.extensions(extensions)
      }
    }
    if event.hasCertificationInfo { try builder.texts("certificationInfo", event.certificationInfo) }
  }
}
