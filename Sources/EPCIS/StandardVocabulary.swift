/// What the EPCIS 2.0 JSON-LD context itself defines.
enum StandardVocabulary {
  /// The context written documents name first.
  static let contextURL = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

  static let namespace = "https://ns.gs1.org/epcis/"

  /// Whether a URL names GS1's own EPCIS context, in any of the places and versions GS1 has published it.
  static func isStandardContext(_ url: String) -> Bool {
    guard url.hasSuffix("epcis-context.jsonld") else { return false }
    return ["https://ref.gs1.org/", "http://ref.gs1.org/", "https://gs1.github.io/", "http://gs1.github.io/"]
      .contains { url.hasPrefix($0) }
  }

  /// Member names the standard gives a meaning somewhere in an event.
  static let fieldNames: Set<String> = [
    "@context", "type", "isA", "id", "eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "action", "epcList",
    "quantityList", "parentID", "childEPCs", "childQuantityList", "inputEPCList", "inputQuantityList", "outputEPCList",
    "outputQuantityList", "transformationID", "bizStep", "disposition", "persistentDisposition", "readPoint",
    "bizLocation",
    "bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd", "errorDeclaration",
    "certificationInfo", "epcClass", "quantity", "uom", "set", "unset", "bizTransaction", "source", "destination",
    "sensorMetadata", "sensorReport", "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
    "dataProcessingMethod", "bizRules", "exception", "microorganism", "chemicalSubstance", "value", "component",
    "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev",
    "percRank",
    "percValue", "coordinateReferenceSystem", "declarationTime", "reason", "correctiveEventIDs",
  ]

  private static let spellings = Dictionary(
    fieldNames.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })

  /// The standard's spelling of a name that differs from it at most in upper and lower case.
  static func spelling(of name: String) -> String? { spellings[name.lowercased()] }
}
