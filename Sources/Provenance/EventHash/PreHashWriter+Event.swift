import Wire

extension PreHashWriter {
  /// Writes an event in the canonical property order. Left out are its own id, its record time and its error
  /// declaration: a declaration has the hash of what it declares wrong.
  mutating func write(_ event: Cairn_V1_Event) {
    append("eventType=")
    append(Self.typeName(event.type))
    writeTime(event.eventTime)
    if event.hasCertificationInfo { texts("certificationInfo", event.certificationInfo.values) }
    writeItems(event)
    writeAction(event.action)
    value("transformationID", event.transformationID)
    vocabulary("bizStep", event.bizStep, .bizSteps)
    vocabulary("disposition", event.disposition, .dispositions)
    if event.hasPersistentDisposition { writeDispositions(event.persistentDisposition) }
    if event.hasReadPoint { writeLocation("readPoint", event.readPoint) }
    if event.hasBizLocation { writeLocation("bizLocation", event.bizLocation) }
    writeRemainder(event)
  }

  private mutating func writeRemainder(_ event: Cairn_V1_Event) {
    switch reading {
    case .inPlace, .atTheEnd:
      writeBizTransactions(event)
      writeSources(event)
      writeDestinations(event)
      writeSensors(event.sensorElementList.elements)
      writeMasterData(event)
      appendSorted(postponed + properties(event.extensions))
    case .reference:
      writeSensors(event.sensorElementList.elements)
      let parts = [
        piece { $0.writeBizTransactions(event) }, piece { $0.writeSources(event) },
        piece { $0.writeDestinations(event) }, piece { $0.writeMasterData(event) },
      ]
      appendSorted(parts.compactMap(\.self) + properties(event.extensions))
    }
  }

  private mutating func writeMasterData(_ event: Cairn_V1_Event) {
    guard event.hasIlmd else { return }
    append("ilmd")
    appendSorted(properties(event.ilmd.extensions))
  }

  private static func typeName(_ type: Cairn_V1_EventType) -> StaticString {
    switch type {
    case .object: "ObjectEvent"
    case .aggregation: "AggregationEvent"
    case .transaction: "TransactionEvent"
    case .transformation: "TransformationEvent"
    case .association: "AssociationEvent"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }

  private mutating func writeTime(_ time: Cairn_V1_EventTime) {
    append("eventTime=")
    append(MillisecondTime.text(ofMicroseconds: time.microseconds))
    append("eventTimeZoneOffset=")
    append(
      time.offsetText.isEmpty
        ? MillisecondTime.offsetText(ofMinutes: Int(time.offsetMinutes)) : String(trimming: time.offsetText))
  }

  private mutating func writeAction(_ action: Cairn_V1_Action) {
    switch action {
    case .add: append("action=ADD")
    case .observe: append("action=OBSERVE")
    case .delete: append("action=DELETE")
    case .unspecified, .UNRECOGNIZED: break
    }
  }

  private mutating func writeItems(_ event: Cairn_V1_Event) {
    if reading == .reference { identifier("parentID", event.parentID) }
    if event.hasEpcList { items("epcList", event.epcList) }
    if reading != .reference { identifier("parentID", event.parentID) }
    if event.hasInputEpcList { items("inputEPCList", event.inputEpcList) }
    if event.hasChildEpcs { items("childEPCs", event.childEpcs) }
    if event.hasQuantityList { quantities("quantityList", event.quantityList) }
    if event.hasChildQuantityList { quantities("childQuantityList", event.childQuantityList) }
    if event.hasInputQuantityList { quantities("inputQuantityList", event.inputQuantityList) }
    if event.hasOutputEpcList { items("outputEPCList", event.outputEpcList) }
    if event.hasOutputQuantityList { quantities("outputQuantityList", event.outputQuantityList) }
  }

  private mutating func items(_ name: StaticString, _ list: Cairn_V1_ItemList) {
    self.list(name, list.items) { $0.identifier("epc", $1) }
  }

  private mutating func quantities(_ name: StaticString, _ list: Cairn_V1_QuantityList) {
    self.list(name, list.quantities) { writer, quantity in
      writer.group("quantityElement") { writer in
        writer.identifier("epcClass", quantity.epcClass)
        writer.value("quantity", quantity.quantity)
        writer.value("uom", quantity.uom)
      }
    }
  }

  private mutating func texts(_ name: StaticString, _ texts: [String]) {
    list("", texts) { $0.value(name, $1) }
  }

  private mutating func writeDispositions(_ dispositions: Cairn_V1_PersistentDisposition) {
    group("persistentDisposition") { writer in
      if dispositions.hasSet {
        writer.list("", dispositions.set.values) { $0.vocabulary("set", $1, .dispositions) }
      }
      if dispositions.hasUnset {
        writer.list("", dispositions.unset.values) { $0.vocabulary("unset", $1, .dispositions) }
      }
    }
  }

  private mutating func writeLocation(_ name: StaticString, _ location: Cairn_V1_Location) {
    append(name)
    identifier("id", location.id)
    if let postponed = extensions(location.extensions) {
      self.postponed.append(Array(name) + postponed)
    }
  }

  /// A type stands before what it is the type of.
  private mutating func writeBizTransactions(_ event: Cairn_V1_Event) {
    list("bizTransactionList", event.bizTransactionList.bizTransactions) { writer, transaction in
      writer.vocabulary("type", transaction.type, .bizTransactionTypes)
      writer.identifier("bizTransaction", transaction.bizTransaction)
    }
  }

  private mutating func writeSources(_ event: Cairn_V1_Event) {
    list("sourceList", event.sourceList.sources) { writer, source in
      writer.vocabulary("type", source.type, .sourceDestinationTypes)
      writer.identifier("source", source.source)
    }
  }

  private mutating func writeDestinations(_ event: Cairn_V1_Event) {
    list("destinationList", event.destinationList.destinations) { writer, destination in
      writer.vocabulary("type", destination.type, .sourceDestinationTypes)
      writer.identifier("destination", destination.destination)
    }
  }
}

extension Array<UInt8> {
  /// The bytes of a word.
  init(_ word: StaticString) { self = word.withUTF8Buffer { [UInt8]($0) } }
}
