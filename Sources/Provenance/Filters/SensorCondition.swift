import Primitives
import Wire

/// The event has sensor data that meets some tests.
struct SensorCondition: EventCondition {
  private let tests: [SensorTest]
  /// Whether one report must pass all tests, and not each test some report.
  private let isOneReport: Bool

  init(_ wire: Cairn_V1_SensorFilter) throws(Failure) {
    tests = try Self.tests(wire)
    isOneReport = wire.oneReport
  }

  func holds(for event: ValidatedEvent) -> Bool {
    let elements = event.event.sensorElementList.elements
    guard !elements.isEmpty else { return false }
    if isOneReport {
      return elements.contains { element in
        element.reports.contains { report in tests.allSatisfy { $0.holds(for: report, in: element) } }
      }
    }
    return tests.allSatisfy { test in
      elements.contains { element in element.reports.contains { test.holds(for: $0, in: element) } }
    }
  }

  private static func tests(_ wire: Cairn_V1_SensorFilter) throws(Failure) -> [SensorTest] {
    var tests = try times(wire)
    let types = try FilterValues.values("types", wire.types, of: .measurementType)
    if !types.isEmpty { tests.append(.type(types)) }
    for (uri, field, texts) in uris(wire) where !texts.isEmpty {
      tests.append(.uri(uri, try FilterValues.uris(field, texts)))
    }
    let strings = try FilterValues.texts("string_values", wire.stringValues)
    if !strings.isEmpty { tests.append(.string(strings)) }
    if wire.hasBooleanValue { tests.append(.boolean(wire.booleanValue.value)) }
    let hexadecimals = try FilterValues.texts("hex_binary_values", wire.hexBinaryValues)
    if !hexadecimals.isEmpty { tests.append(.hexadecimal(Set(hexadecimals.map { $0.uppercased() }))) }
    try FilterValues.count("readings", wire.readings.count)
    for (index, reading) in wire.readings.enumerated() {
      tests.append(try at("readings[\(index)]") { () throws(Failure) in try .reading(ReadingTest(reading)) })
    }
    return tests
  }

  private static func times(_ wire: Cairn_V1_SensorFilter) throws(Failure) -> [SensorTest] {
    let time = try FilterValues.timeRange(
      "time", wire.hasTimeFrom ? wire.timeFrom : nil, wire.hasTimeBefore ? wire.timeBefore : nil)
    let start = try FilterValues.timeRange(
      "start_time", wire.hasStartTimeFrom ? wire.startTimeFrom : nil,
      wire.hasStartTimeBefore ? wire.startTimeBefore : nil)
    let end = try FilterValues.timeRange(
      "end_time", wire.hasEndTimeFrom ? wire.endTimeFrom : nil, wire.hasEndTimeBefore ? wire.endTimeBefore : nil)
    return [SensorTest.time(time), .startTime(start), .endTime(end)].filter { !$0.isUnbounded }
  }

  private static func uris(_ wire: Cairn_V1_SensorFilter) -> [(SensorTest.URI, String, [String])] {
    [
      (.device, "device_ids", wire.deviceIds),
      (.dataProcessingMethod, "data_processing_methods", wire.dataProcessingMethods),
      (.microorganism, "microorganisms", wire.microorganisms),
      (.chemicalSubstance, "chemical_substances", wire.chemicalSubstances),
      (.bizRules, "biz_rules", wire.bizRules),
      (.value, "uri_values", wire.uriValues),
    ]
  }
}
