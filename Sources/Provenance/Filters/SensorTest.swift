import Primitives
import Wire

/// One thing that a sensor report, with the metadata of its element, must say.
enum SensorTest: Sendable {
  /// What is named by a URI.
  enum URI: Sendable {
    case device, dataProcessingMethod, microorganism, chemicalSubstance, bizRules, value
  }

  case time(TimeRange)
  case startTime(TimeRange)
  case endTime(TimeRange)
  /// Canonical measurement types.
  case type(Set<String>)
  /// Canonical identifiers.
  case uri(URI, Set<String>)
  case string(Set<String>)
  case boolean(Bool)
  /// In upper case.
  case hexadecimal(Set<String>)
  case reading(ReadingTest)

  /// Whether it is a range of times without bounds.
  var isUnbounded: Bool {
    switch self {
    case .time(let range), .startTime(let range), .endTime(let range): range.isUnbounded
    default: false
    }
  }

  func holds(for report: Cairn_V1_SensorReport, in element: Cairn_V1_SensorElement) -> Bool {
    let metadata = element.metadata
    return switch self {
    case .time(let range): range.contains(text: report.time) || range.contains(text: metadata.time)
    case .startTime(let range): range.contains(text: metadata.startTime)
    case .endTime(let range): range.contains(text: metadata.endTime)
    case .type(let types): !report.type.isEmpty && Vocabulary.contains(types, report.type, of: .measurementType)
    case .uri(let uri, let wanted):
      uri.texts(of: report, metadata).contains { !$0.isEmpty && wanted.contains(FilterValues.canonicalURI($0)) }
    case .string(let wanted): report.hasStringValue && wanted.contains(report.stringValue.value)
    case .boolean(let wanted): report.hasBooleanValue && report.booleanValue.value == wanted
    case .hexadecimal(let wanted): wanted.contains(report.hexBinaryValue.uppercased())
    case .reading(let test): test.holds(for: report)
    }
  }
}

extension SensorTest.URI {
  fileprivate func texts(of report: Cairn_V1_SensorReport, _ metadata: Cairn_V1_SensorMetadata) -> [String] {
    switch self {
    case .device: [report.deviceID, metadata.deviceID]
    case .dataProcessingMethod: [report.dataProcessingMethod, metadata.dataProcessingMethod]
    case .microorganism: [report.microorganism]
    case .chemicalSubstance: [report.chemicalSubstance]
    case .bizRules: [metadata.bizRules]
    case .value: [report.uriValue]
    }
  }
}
