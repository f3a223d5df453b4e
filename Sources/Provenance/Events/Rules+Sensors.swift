import Primitives
import Wire

extension Rules {
  /// Sensor elements, their metadata and reports (EPCIS 2.0.1, section 7.3.7).
  static func sensors(_ elements: [Cairn_V1_SensorElement], _ extensions: inout ExtensionRules) throws(Failure) {
    try count("sensor_element_list.elements", elements.count)
    for (index, element) in elements.enumerated() {
      try at("sensor_element_list.elements[\(index)]") { () throws(Failure) in
        try sensor(element, &extensions)
      }
    }
  }

  private static func sensor(
    _ element: Cairn_V1_SensorElement, _ extensions: inout ExtensionRules
  ) throws(Failure) {
    guard !element.reports.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "reports", "is empty: a sensor element has at least one report")
    }
    try count("reports", element.reports.count)
    if element.hasMetadata {
      let metadata = element.metadata
      try at("metadata") { () throws(Failure) in try Rules.metadata(metadata, &extensions) }
    }
    for (index, report) in element.reports.enumerated() {
      try at("reports[\(index)]") { () throws(Failure) in try Rules.report(report, &extensions) }
    }
    try extensions.check("extensions", element.extensions)
  }

  private static func metadata(
    _ metadata: Cairn_V1_SensorMetadata, _ extensions: inout ExtensionRules
  ) throws(Failure) {
    try optionalTime("time", metadata.time)
    try optionalTime("start_time", metadata.startTime)
    try optionalTime("end_time", metadata.endTime)
    try optionalURI("device_id", metadata.deviceID)
    try optionalURI("device_metadata", metadata.deviceMetadata)
    try optionalURI("raw_data", metadata.rawData)
    try optionalURI("data_processing_method", metadata.dataProcessingMethod)
    try optionalURI("biz_rules", metadata.bizRules)
    try extensions.check("extensions", metadata.extensions)
  }

  private static func report(
    _ report: Cairn_V1_SensorReport, _ extensions: inout ExtensionRules
  ) throws(Failure) {
    guard !report.type.isEmpty || !report.exception.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "type", "is missing: a report has a measurement type or an exception")
    }
    try optionalValue("type", report.type, of: .measurementType)
    try optionalValue("exception", report.exception, of: .sensorAlertType)
    try optionalValue("component", report.component, of: .component)
    try optionalTime("time", report.time)
    try reportURIs(report)
    try reportValues(report)
    try extensions.check("extensions", report.extensions)
  }

  private static func reportURIs(_ report: Cairn_V1_SensorReport) throws(Failure) {
    try optionalURI("device_id", report.deviceID)
    try optionalURI("device_metadata", report.deviceMetadata)
    try optionalURI("raw_data", report.rawData)
    try optionalURI("data_processing_method", report.dataProcessingMethod)
    try optionalURI("microorganism", report.microorganism)
    try optionalURI("chemical_substance", report.chemicalSubstance)
    try optionalURI("uri_value", report.uriValue)
    try optionalURI("coordinate_reference_system", report.coordinateReferenceSystem)
  }

  private static func reportValues(_ report: Cairn_V1_SensorReport) throws(Failure) {
    try optionalNumber("value", report.value)
    try optionalNumber("min_value", report.minValue)
    try optionalNumber("max_value", report.maxValue)
    try optionalNumber("mean_value", report.meanValue)
    try optionalNumber("s_dev", report.sDev)
    try optionalNumber("perc_rank", report.percRank)
    try optionalNumber("perc_value", report.percValue)
    try optionalUnit("uom", report.uom)
    if report.hasStringValue { try text("string_value.value", report.stringValue.value) }
    guard report.percRank.isEmpty || Double(report.percRank).map((0.0...100.0).contains) == true else {
      throw .malformed("OUT_OF_RANGE", field: "perc_rank", "is \(report.percRank); 0 to 100 is possible")
    }
    try text("hex_binary_value", report.hexBinaryValue)
    guard report.hexBinaryValue.utf8.allSatisfy({ $0.hexValue != nil }) else {
      throw .malformed("INVALID_HEX", field: "hex_binary_value", "must be hexadecimal digits, for example f0f0")
    }
  }
}
