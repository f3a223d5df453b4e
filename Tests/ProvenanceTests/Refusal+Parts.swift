import SwiftProtobuf
import Wire

extension Refusal {
  private static let report = "sensor_element_list.elements[0].reports[0]"
  private static let metadata = "sensor_element_list.elements[0].metadata"

  private static func inReport(
    _ reason: String, _ field: String, _ apply: @escaping @Sendable (inout Cairn_V1_SensorReport) -> Void
  ) -> Refusal {
    Refusal(reason, "\(report).\(field)", Events.sensor) { apply(&$0.sensorElementList.elements[0].reports[0]) }
  }

  private static func inMetadata(
    _ reason: String, _ field: String, _ apply: @escaping @Sendable (inout Cairn_V1_SensorMetadata) -> Void
  ) -> Refusal {
    Refusal(reason, "\(metadata).\(field)", Events.sensor) { apply(&$0.sensorElementList.elements[0].metadata) }
  }

  static let sensors = [
    Refusal("MISSING_FIELD", "sensor_element_list.elements[0].reports", Events.sensor) {
      $0.sensorElementList.elements[0].reports = []
    },
    Refusal("MISSING_FIELD", "sensor_element_list.elements[0].reports[1].type", Events.sensor) {
      $0.sensorElementList.elements[0].reports[1].exception = ""
    },
    inMetadata("INVALID_TIME", "time") { $0.time = "2019-04-02" },
    inMetadata("INVALID_TIME", "start_time") { $0.startTime = "x" },
    inMetadata("INVALID_TIME", "end_time") { $0.endTime = "x" },
    inMetadata("NOT_A_URI", "device_id") { $0.deviceID = "x" },
    inMetadata("NOT_A_URI", "device_metadata") { $0.deviceMetadata = "x" },
    inMetadata("NOT_A_URI", "raw_data") { $0.rawData = "x" },
    inMetadata("NOT_A_URI", "data_processing_method") { $0.dataProcessingMethod = "x" },
    inMetadata("NOT_A_URI", "biz_rules") { $0.bizRules = "x" },
    inReport("UNKNOWN_VOCABULARY", "type") { $0.type = "Heat" },
    inReport("UNKNOWN_VOCABULARY", "exception") { $0.exception = "ALARM" },
    inReport("UNKNOWN_VOCABULARY", "component") { $0.component = "w" },
    inReport("INVALID_TIME", "time") { $0.time = "noon" },
    inReport("NOT_A_URI", "device_id") { $0.deviceID = "x" },
    inReport("NOT_A_URI", "device_metadata") { $0.deviceMetadata = "x" },
    inReport("NOT_A_URI", "raw_data") { $0.rawData = "x" },
    inReport("NOT_A_URI", "data_processing_method") { $0.dataProcessingMethod = "x" },
    inReport("NOT_A_URI", "microorganism") { $0.microorganism = "x" },
    inReport("NOT_A_URI", "chemical_substance") { $0.chemicalSubstance = "x" },
    inReport("NOT_A_URI", "uri_value") { $0.uriValue = "x" },
    inReport("NOT_A_URI", "coordinate_reference_system") { $0.coordinateReferenceSystem = "x" },
    inReport("INVALID_NUMBER", "value") { $0.value = "warm" },
    inReport("INVALID_NUMBER", "min_value") { $0.minValue = "x" },
    inReport("INVALID_NUMBER", "max_value") { $0.maxValue = "x" },
    inReport("INVALID_NUMBER", "mean_value") { $0.meanValue = "x" },
    inReport("INVALID_NUMBER", "s_dev") { $0.sDev = "x" },
    inReport("INVALID_NUMBER", "perc_rank") { $0.percRank = "x" },
    inReport("INVALID_NUMBER", "perc_value") { $0.percValue = "x" },
    inReport("OUT_OF_RANGE", "perc_rank") { $0.percRank = "100.1" },
    inReport("OUT_OF_RANGE", "perc_rank") { $0.percRank = "-1" },
    inReport("OUT_OF_RANGE", "perc_rank") { $0.percRank = "1e999" },
    inReport("INVALID_UNIT", "uom") { $0.uom = "°C" },
    inReport("INVALID_HEX", "hex_binary_value") { $0.hexBinaryValue = "xyz" },
    inReport("TEXT_TOO_LONG", "string_value.value") { $0.stringValue.value = String(repeating: "a", count: 2_049) },
    inReport("TEXT_TOO_LONG", "value") { $0.value = String(repeating: "1", count: 2_049) },
  ]

  static let extensions = [
    Refusal("INVALID_EXTENSION_NAME", "extensions[0].name") { $0.extensions = [Events.text("", "x")] },
    Refusal("INVALID_EXTENSION_NAME", "extensions[0].name") { $0.extensions = [Events.text("a b", "x")] },
    Refusal("INVALID_EXTENSION_NAME", "extensions[0].name") { $0.extensions = [Events.text(":a", "x")] },
    Refusal("TEXT_TOO_LONG", "extensions[0].name") {
      $0.extensions = [Events.text("a:" + String(repeating: "b", count: 2_047), "x")]
    },
    Refusal("TEXT_TOO_LONG", "extensions[1].value.text") {
      $0.extensions = [Events.text("a:b", "x"), Events.text("a:c", String(repeating: "x", count: 32_769))]
    },
    Refusal("MISSING_FIELD", "extensions[0].value") { $0.extensions = [.with { $0.name = "a:b" }] },
    Refusal("MISSING_FIELD", "extensions[0].value") {
      $0.extensions = [
        .with {
          $0.name = "a:b"
          $0.value = .init()
        }
      ]
    },
    Refusal("INVALID_NUMBER", "extensions[0].value.number") {
      $0.extensions = [
        .with {
          $0.name = "a:b"
          $0.value.number = "1e"
        }
      ]
    },
    Refusal("INVALID_NULL", "read_point.extensions[0].value.null") {
      $0.readPoint.extensions = [
        .with {
          $0.name = "a:b"
          $0.value.null = .UNRECOGNIZED(1)
        }
      ]
    },
    Refusal(
      "INVALID_NUMBER", "ilmd.extensions[0].value.list.values[1].object.extensions[0].value.number",
      Events.transformation
    ) {
      $0.ilmd.extensions = [
        .with {
          $0.name = "a:b"
          $0.value.list.values = [
            .with { $0.boolean = true },
            .with {
              $0.object.extensions = [
                .with {
                  $0.name = ""
                  $0.value.number = "-"
                }
              ]
            },
          ]
        }
      ]
    },
    Refusal("TOO_MANY_EXTENSIONS", "extensions[0].value.list.values[19999]") {
      $0.extensions = [
        .with {
          $0.name = "a:b"
          $0.value.list.values = Array(repeating: .with { $0.boolean = true }, count: 20_000)
        }
      ]
    },
    Refusal("MISSING_FIELD", "contexts[0]") { $0.contexts = [.init()] },
    Refusal("NOT_A_URI", "contexts[0].url") { $0.contexts = [.with { $0.url = "epcis" }] },
    Refusal("TEXT_TOO_LONG", "contexts[0].terms.extensions[0].name") {
      $0.contexts = [.with { $0.terms.extensions = [Events.text(String(repeating: "b", count: 2_049), "x")] }]
    },
  ]
}
