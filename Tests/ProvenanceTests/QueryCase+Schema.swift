extension QueryCase {
  /// The names of https://ref.gs1.org/standards/epcis/2.0.1/query-schema.json; of names that are made of parts all
  /// combinations.
  static let schema = names + families

  /// A value that the parameter may have.
  static func value(of name: String) -> String {
    if let value = values[name] { return value }
    if name.hasPrefix("EXISTS") { return "" }
    if ["Time", "E_time", "T_time"].contains(where: name.hasSuffix) { return "2026-01-01T00:00:00Z" }
    let numbers = ["alue_", "sDev_", "percRank", "quantity", ":"]
    return numbers.contains { name.contains($0) } ? "1" : "urn:x:1"
  }

  private static let values = [
    "eventType": "ObjectEvent", "EQ_action": "ADD", "EQ_bizStep": "shipping", "EQ_disposition": "active",
    "EQ_persistentDisposition_set": "active", "EQ_persistentDisposition_unset": "active",
    "EQ_errorReason": "incorrect_data", "EQ_type": "Temperature", "EQ_booleanValue": "true",
    "orderBy": "eventTime", "orderDirection": "DESC", "eventCountLimit": "1", "maxEventCount": "1",
  ]

  private static let names = """
    eventType GE_eventTime LT_eventTime GE_recordTime LT_recordTime EQ_action EQ_bizStep EQ_disposition \
    EQ_persistentDisposition_set EQ_persistentDisposition_unset EQ_quantity GT_quantity GE_quantity LT_quantity \
    LE_quantity EQ_readPoint WD_readPoint EQ_bizLocation WD_bizLocation EQ_transformationID MATCH_epc MATCH_parentID \
    MATCH_inputEPC MATCH_outputEPC MATCH_anyEPC MATCH_epcClass MATCH_inputEPCClass MATCH_outputEPCClass \
    MATCH_anyEPCClass EQ_eventID EXISTS_errorDeclaration GE_errorDeclarationTime LT_errorDeclarationTime \
    EQ_errorReason EQ_correctiveEventID orderBy orderDirection eventCountLimit maxEventCount \
    EXISTS_sensorElementList GE_time LT_time GE_startTime LT_startTime GE_endTime LT_endTime EQ_type EQ_deviceID \
    EQ_dataProcessingMethod EQ_microorganism EQ_chemicalSubstance EQ_bizRules EQ_stringValue EQ_booleanValue \
    EQ_hexBinaryValue EQ_uriValue GE_percRank LT_percRank GT_percRank LE_percRank EQ_bizTransaction_po \
    EQ_source_owning_party EQ_destination_location EQ_value_CEL EQ_quantity_KGM HASATTR_example:a HASATTR_readPoint HASATTR_epcClass \
    EQ_ATTR_bizLocation_city EQATTR_source_cbvmda:name EQATTR_destination_name
    """.split(separator: " ").map(String.init)

  private static let families: [String] = {
    let parts = [
      "", "ILMD_", "ERROR_DECLARATION_", "readPoint_", "bizLocation_", "SENSORELEMENT_", "SENSORMETADATA_",
      "SENSORREPORT_",
    ]
    let fields = ["EQ", "GT", "GE", "LT", "LE", "EXISTS"].flatMap { comparison in
      parts.flatMap { ["\(comparison)_\($0)example:a", "\(comparison)_INNER_\($0)example:a"] }
    }
    let numbers = ["value", "minValue", "maxValue", "meanValue", "sDev", "percValue", "quantity"]
    let measures = ["GT", "GE", "LT", "LE"].flatMap { comparison in numbers.map { "\(comparison)_\($0)_CEL" } }
    return fields + measures
  }()
}
