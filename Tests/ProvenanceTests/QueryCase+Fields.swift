import SwiftProtobuf
import Wire

extension QueryCase {
  private static let bare = [Events.object, Events.transformation]

  static let fields = [
    QueryCase(
      "EQ_example:colour", Events.extended, finding: ["red", "blue|red"], missing: ["Red", "blue"], others: bare),
    QueryCase(
      "EQ_https://ns.example.com/epcis/colour", Events.extended, finding: ["red"], missing: ["blue"], others: bare),
    QueryCase("EQ_https://ns.example.com/epcis/#colour", Events.extended, finding: ["red"]),
    QueryCase("EQ_https://ns.example.com/epcis/tint", Events.extended, finding: ["pale"], missing: ["red"]),
    QueryCase("EQ_https://ns.example.org/epcis/colour", Events.extended, missing: ["red"]),
    QueryCase("EQ_example:sealed", Events.extended, finding: ["true"], missing: ["false"]),
    QueryCase("EQ_example:tags", Events.extended, finding: ["b", "a"], missing: ["c"]),
    QueryCase("EQ_example:weight", Events.extended, finding: ["12.5", "1.25e1", "7|12.500"], missing: ["12.51"]),
    QueryCase(
      "GT_example:weight", Events.extended, finding: ["12.4999999999999999999"], missing: ["12.5"], others: bare),
    QueryCase("GE_example:weight", Events.extended, finding: ["12.5"], missing: ["12.6"]),
    QueryCase("LT_example:weight", Events.extended, finding: ["12.6"], missing: ["12.5"]),
    QueryCase("LE_example:weight", Events.extended, finding: ["12.5"], missing: ["12.4"]),
    QueryCase("GE_example:length", Events.extended, finding: ["7.0"], missing: ["8"]),
    QueryCase(
      "GE_example:packedAt", Events.extended, finding: ["2026-03-01T08:30:00Z"], missing: ["2026-03-01T08:30:01Z", "1"]),
    QueryCase(
      "LT_example:packedAt", Events.extended, finding: ["2026-03-01T08:30:01Z"], missing: ["2026-03-01T08:30:00Z"]),
    QueryCase("EQ_example:packedAt", Events.extended, finding: ["2026-03-01T08:30:00Z"]),
    QueryCase("EXISTS_example:colour", Events.extended, finding: [""], others: bare),
    QueryCase("EXISTS_example:box", Events.extended, finding: [""], others: bare),
    QueryCase("EXISTS_example:depth", Events.extended, missing: [""]),
    QueryCase("EQ_INNER_example:depth", Events.extended, finding: ["3", "3.0"], missing: ["4"], others: bare),
    QueryCase("GE_INNER_example:depth", Events.extended, finding: ["3"], missing: ["3.1"]),
    QueryCase("EXISTS_INNER_example:inside", Events.extended, finding: [""], others: bare),
    QueryCase("EXISTS_INNER_example:colour", Events.extended, missing: [""]),
    QueryCase("EQ_readPoint_example:gate", Events.extended, finding: ["G7"], missing: ["G8"], others: bare),
    QueryCase("LT_bizLocation_example:floor", Events.extended, finding: ["-1", "0"], missing: ["-2"], others: bare),
    QueryCase(
      "EQ_ILMD_cbvmda:lotNumber", Events.commission, finding: ["L7"], missing: ["L8"], others: bare + [Events.extended]),
    QueryCase(
      "LT_ILMD_cbvmda:itemExpirationDate", Events.commission, finding: ["2028-07-01T00:00:00Z"],
      missing: ["2028-06-30T00:00:00Z"]),
    QueryCase("EXISTS_ILMD_cbvmda:lotNumber", Events.commission, finding: [""], others: bare),
    QueryCase("EXISTS_cbvmda:lotNumber", Events.commission, missing: [""]),
    QueryCase("EQ_ILMD_urn:epcglobal:cbv:mda#lotNumber", Events.commission, finding: ["L7"], missing: ["L8"]),
    QueryCase("EQ_ILMD_urn:epcglobal:cbv:mda:lotNumber", Events.commission, finding: ["L7"], missing: ["L8"]),
    QueryCase("GE_INNER_ILMD_example:grams", Events.commission, finding: ["250"], missing: ["251"], others: bare),
    QueryCase("EQ_ILMD_example:harvested", Events.transformation, finding: ["2025"], missing: ["2026"]),
  ]

  static let declarations = [
    QueryCase("EXISTS_errorDeclaration", Events.correction, finding: [""], others: bare),
    QueryCase(
      "EQ_errorReason", Events.correction, finding: ["incorrect_data", "urn:epcglobal:cbv:er:incorrect_data"],
      missing: ["did_not_occur"], others: bare),
    QueryCase(
      "EQ_correctiveEventID", Events.correction, finding: ["urn:uuid:2"], missing: ["urn:uuid:3"], others: bare),
    QueryCase(
      "GE_errorDeclarationTime", Events.correction, finding: ["2026-03-01T12:00:00Z"],
      missing: ["2026-03-01T12:00:01Z"],
      others: bare),
    QueryCase(
      "LT_errorDeclarationTime", Events.correction, finding: ["2026-03-01T12:00:01Z"],
      missing: ["2026-03-01T12:00:00Z"],
      others: bare),
    QueryCase("EQ_ERROR_DECLARATION_example:by", Events.correction, finding: ["Ana"], missing: ["Bo"], others: bare),
    QueryCase("EXISTS_ERROR_DECLARATION_example:by", Events.correction, finding: [""], others: bare),
    QueryCase("GT_INNER_ERROR_DECLARATION_example:case", Events.correction, finding: ["18"], missing: ["19"]),
  ]

  static let sensors = [
    QueryCase("EXISTS_sensorElementList", Events.sensors, finding: [""], others: bare),
    QueryCase(
      "GE_time", Events.sensors, finding: ["2019-07-19T13:00:00Z", "2019-04-02T13:05:00Z"],
      missing: ["2019-07-20T13:00:00Z"],
      others: bare),
    QueryCase(
      "LT_time", Events.sensors, finding: ["2019-04-02T13:05:01Z"], missing: ["2019-04-02T13:05:00Z"], others: bare),
    QueryCase(
      "GE_startTime", Events.sensors, finding: ["2019-04-02T13:00:00Z"], missing: ["2019-04-02T13:00:01Z"], others: bare
    ),
    QueryCase("LT_startTime", Events.sensors, finding: ["2019-04-02T13:00:01Z"], missing: ["2019-04-02T13:00:00Z"]),
    QueryCase(
      "GE_endTime", Events.sensors, finding: ["2019-04-02T14:00:00Z"], missing: ["2019-04-02T14:00:01Z"], others: bare),
    QueryCase("LT_endTime", Events.sensors, finding: ["2019-04-02T14:00:01Z"], missing: ["2019-04-02T14:00:00Z"]),
    QueryCase("EQ_type", Events.sensors, finding: ["Temperature", "gs1:Pressure"], missing: ["Speed"], others: bare),
    QueryCase(
      "EQ_deviceID", Events.sensors,
      finding: ["urn:epc:id:giai:4000001.111", "https://id.gs1.org/8004/4000001222"],
      missing: ["urn:epc:id:giai:4000001.333"], others: bare),
    QueryCase(
      "EQ_dataProcessingMethod", Events.sensors, finding: ["urn:epc:id:gdti:0614141.06012.1234"],
      missing: ["urn:epc:id:gdti:0614141.06012.1235"], others: bare),
    QueryCase(
      "EQ_microorganism", Events.sensors, finding: ["https://www.ncbi.nlm.nih.gov/taxonomy/1126011"],
      missing: ["urn:x:1"],
      others: bare),
    QueryCase(
      "EQ_chemicalSubstance", Events.sensors,
      finding: ["https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N"], missing: ["urn:x:1"], others: bare),
    QueryCase(
      "EQ_bizRules", Events.sensors, finding: ["https://example.com/253/4012345000054987"], missing: ["urn:x:1"],
      others: bare),
    QueryCase("EQ_stringValue", Events.sensors, finding: ["steady", ""], missing: ["Steady"], others: bare),
    QueryCase("EQ_booleanValue", Events.sensors, finding: ["true", "false"], others: bare),
    QueryCase("EQ_booleanValue", Events.sensor, finding: ["false"], missing: ["true"]),
    QueryCase("EQ_hexBinaryValue", Events.sensors, finding: ["f0f0f", "F0F0F"], missing: ["f0f0"], others: bare),
    QueryCase(
      "EQ_uriValue", Events.sensors, finding: ["https://id.gs1.org/8004/4000001111", "urn:epc:id:giai:4000001.111"],
      missing: ["urn:x:1"], others: bare),
    QueryCase("EQ_value_CEL", Events.sensors, finding: ["26", "1|26.00"], missing: ["101.3"], others: bare),
    QueryCase("EQ_value_KEL", Events.sensors, finding: ["299.15"], missing: ["299.150000001", "26"], others: bare),
    QueryCase("EQ_value_FAH", Events.sensors, finding: ["78.8"], missing: ["78.80000001"]),
    QueryCase("GE_value_BAR", Events.sensors, finding: ["1.013"], missing: ["1.0130001"]),
    QueryCase("EQ_sDev_PAL", Events.sensors, finding: ["500"], missing: ["501"]),
    QueryCase("EQ_value_SEC", Events.sensors, missing: ["26", "101.3"]),
    QueryCase("GT_value_KPA", Events.sensors, finding: ["101.29"], missing: ["101.3"], others: bare),
    QueryCase("GE_value_KPA", Events.sensors, finding: ["101.3"], missing: ["101.31"]),
    QueryCase("LT_value", Events.sensors, finding: ["26.1"], missing: ["26"]),
    QueryCase("LE_value_CEL", Events.sensors, finding: ["26"], missing: ["25.9"]),
    QueryCase("GE_minValue_CEL", Events.sensors, finding: ["-15.0"], missing: ["-14"], others: bare),
    QueryCase("LE_maxValue_KPA", Events.sensors, finding: ["102"], missing: ["101"], others: bare),
    QueryCase("LT_meanValue_KPA", Events.sensors, finding: ["101.26"], missing: ["101.25"], others: bare),
    QueryCase("GE_sDev_KPA", Events.sensors, finding: ["0.5"], missing: ["0.51"], others: bare),
    QueryCase("GE_percRank", Events.sensors, finding: ["50"], missing: ["50.1"], others: bare),
    QueryCase("LT_percValue_KPA", Events.sensors, finding: ["102"], missing: ["101.9"], others: bare),
    QueryCase("EQ_SENSORELEMENT_example:furtherData", Events.sensors, finding: ["x"], missing: ["y"], others: bare),
    QueryCase(
      "EQ_SENSORMETADATA_example:firmware", Events.sensors, finding: ["2.1", "2.10"], missing: ["2.2"], others: bare),
    QueryCase("GE_SENSORREPORT_example:channel", Events.sensors, finding: ["4"], missing: ["5"], others: bare),
    QueryCase("EXISTS_SENSORREPORT_example:channel", Events.sensors, finding: [""], others: bare + [Events.sensor]),
  ]
}
