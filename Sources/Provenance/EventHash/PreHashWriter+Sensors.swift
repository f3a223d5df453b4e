import Wire

extension PreHashWriter {
  mutating func writeSensors(_ elements: [Cairn_V1_SensorElement]) {
    var late: [[UInt8]] = []
    list(reading == .atTheEnd ? "" : "sensorElementList", elements) { writer, element in
      var parts: [[UInt8]] = []
      writer.group("sensorElement") { parts = $0.write(element) }
      if !parts.isEmpty {
        late +=
          writer.piece { writer in
            writer.append("sensorElement")
            writer.appendSorted(parts)
          }.map { [$0] } ?? []
      }
    }
    postponed += late
  }

  /// Writes an element and returns its parts that go to the end of the event.
  private mutating func write(_ element: Cairn_V1_SensorElement) -> [[UInt8]] {
    var late: [[UInt8]] = []
    if element.hasMetadata {
      group("sensorMetadata") { writer in
        if let postponed = writer.write(element.metadata) { late.append([UInt8]("sensorMetadata") + postponed) }
      }
    }
    list("", element.reports) { writer, report in
      writer.group("sensorReport") { writer in
        if let postponed = writer.write(report) { late.append([UInt8]("sensorReport") + postponed) }
      }
    }
    // The element's own type says nothing that its name does not say.
    let own = element.extensions.filter { !["type", "isA", "@type"].contains($0.name) }
    if let postponed = extensions(own) { late.append(postponed) }
    return late
  }

  private mutating func write(_ metadata: Cairn_V1_SensorMetadata) -> [UInt8]? {
    time("time", metadata.time)
    time("startTime", metadata.startTime)
    time("endTime", metadata.endTime)
    value("deviceID", metadata.deviceID)
    value("deviceMetadata", metadata.deviceMetadata)
    value("rawData", metadata.rawData)
    value("dataProcessingMethod", metadata.dataProcessingMethod)
    value("bizRules", metadata.bizRules)
    return extensions(metadata.extensions)
  }

  private mutating func write(_ report: Cairn_V1_SensorReport) -> [UInt8]? {
    webVocabulary("type", report.type, .measurementTypes)
    webVocabulary("exception", report.exception, .sensorAlertTypes)
    value("deviceID", report.deviceID)
    value("deviceMetadata", report.deviceMetadata)
    value("rawData", report.rawData)
    value("dataProcessingMethod", report.dataProcessingMethod)
    time("time", report.time)
    value("microorganism", report.microorganism)
    value("chemicalSubstance", report.chemicalSubstance)
    value("value", report.value)
    vocabulary("component", report.component, .components)
    if report.hasStringValue { value("stringValue", report.stringValue.value) }
    if report.hasBooleanValue {
      append("booleanValue=")
      append(report.booleanValue.value)
    }
    value("hexBinaryValue", report.hexBinaryValue)
    value("uriValue", report.uriValue)
    value("minValue", report.minValue)
    value("maxValue", report.maxValue)
    value("meanValue", report.meanValue)
    value("sDev", report.sDev)
    value("percRank", report.percRank)
    value("percValue", report.percValue)
    value("uom", report.uom)
    value("coordinateReferenceSystem", report.coordinateReferenceSystem)
    return extensions(report.extensions)
  }
}
