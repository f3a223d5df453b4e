import Primitives
import Wire

extension EventWriter {
  static func sensorElement(_ element: Cairn_V1_SensorElement, into builder: inout ObjectBuilder) throws(Failure) {
    if element.hasMetadata { try builder.object("sensorMetadata", element.metadata, sensorMetadata) }
    try builder.list("sensorReport", element.reports, sensorReport)
    try builder.extensions(element.extensions)
  }

  private static func sensorMetadata(
    _ metadata: Cairn_V1_SensorMetadata, into builder: inout ObjectBuilder
  ) throws(Failure) {
    try builder.text("time", metadata.time)
    try builder.text("startTime", metadata.startTime)
    try builder.text("endTime", metadata.endTime)
    try builder.text("deviceID", metadata.deviceID)
    try builder.text("deviceMetadata", metadata.deviceMetadata)
    try builder.text("rawData", metadata.rawData)
    try builder.text("dataProcessingMethod", metadata.dataProcessingMethod)
    try builder.text("bizRules", metadata.bizRules)
    try builder.extensions(metadata.extensions)
  }

  private static func sensorReport(
    _ report: Cairn_V1_SensorReport, into builder: inout ObjectBuilder
  ) throws(Failure) {
    try builder.text("type", report.type)
    try builder.text("exception", report.exception)
    try builder.text("deviceID", report.deviceID)
    try builder.text("deviceMetadata", report.deviceMetadata)
    try builder.text("rawData", report.rawData)
    try builder.text("dataProcessingMethod", report.dataProcessingMethod)
    try builder.text("time", report.time)
    try builder.text("microorganism", report.microorganism)
    try builder.text("chemicalSubstance", report.chemicalSubstance)
    try builder.number("value", report.value)
    try builder.text("component", report.component)
    if report.hasStringValue { try builder.add("stringValue", .text(report.stringValue.value)) }
    if report.hasBooleanValue { try builder.add("booleanValue", .boolean(report.booleanValue.value)) }
    try builder.text("hexBinaryValue", report.hexBinaryValue)
    try builder.text("uriValue", report.uriValue)
    try builder.number("minValue", report.minValue)
    try builder.number("maxValue", report.maxValue)
    try builder.number("meanValue", report.meanValue)
    try builder.number("sDev", report.sDev)
    try builder.number("percRank", report.percRank)
    try builder.number("percValue", report.percValue)
    try builder.text("uom", report.uom)
    try builder.text("coordinateReferenceSystem", report.coordinateReferenceSystem)
    try builder.extensions(report.extensions)
  }
}
