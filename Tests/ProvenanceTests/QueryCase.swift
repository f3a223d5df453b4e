import SwiftProtobuf
import Testing
import Wire

/// A parameter, an event, values with which it finds the event and values with which it does not.
struct QueryCase: Sendable, CustomTestStringConvertible {
  static let order = "http://transaction.acme.com/po/12345678"
  static let seller = "https://id.gs1.org/417/4012345002256"

  let parameter: String
  let event: Cairn_V1_Event
  let finding: [String]
  let missing: [String]
  /// Events that no value finds.
  let others: [Cairn_V1_Event]

  var testDescription: String { "\(parameter) \((finding + missing)[0])" }

  init(
    _ parameter: String, _ event: Cairn_V1_Event, finding: [String] = [], missing: [String] = [],
    others: [Cairn_V1_Event] = []
  ) {
    self.parameter = parameter
    self.event = event
    self.finding = finding
    self.missing = missing
    self.others = others
  }

  static let all = what + identifiers + amounts + fields + declarations + sensors

  private static let time = "2005-04-03T20:33:31.116-06:00"
  private static let later = "2005-04-03T20:33:31.117-06:00"

  private static let what = [
    QueryCase(
      "eventType", Events.object, finding: ["ObjectEvent", "AggregationEvent|ObjectEvent"],
      missing: ["TransactionEvent|TransformationEvent|AssociationEvent"]),
    QueryCase("GE_eventTime", Events.object, finding: [time], missing: [later]),
    QueryCase("LT_eventTime", Events.object, finding: [later], missing: [time]),
    QueryCase("GE_recordTime", Events.object, finding: ["1970-01-01T00:00:01Z"], missing: ["1970-01-01T00:00:02Z"]),
    QueryCase("LT_recordTime", Events.object, finding: ["1970-01-01T00:00:02Z"], missing: ["1970-01-01T00:00:01Z"]),
    QueryCase(
      "EQ_action", Events.object, finding: ["OBSERVE", "ADD|OBSERVE"], missing: ["DELETE"],
      others: [Events.transformation]),
    QueryCase("EQ_bizStep", Events.object, finding: ["shipping", "cbv:BizStep-shipping"], missing: ["receiving"]),
    QueryCase("EQ_disposition", Events.object, finding: ["in_transit"], missing: ["active|damaged"]),
    QueryCase(
      "EQ_persistentDisposition_set", Events.object,
      finding: ["completeness_verified", "urn:epcglobal:cbv:disp:completeness_verified"],
      missing: ["completeness_inferred"], others: [Events.aggregation]),
    QueryCase(
      "EQ_persistentDisposition_unset", Events.object, finding: ["completeness_inferred"],
      missing: ["completeness_verified"], others: [Events.aggregation]),
    QueryCase(
      "EQ_readPoint", Events.object, finding: [Events.dock, Events.dockLink], missing: [Events.hall, Events.shelf]),
    QueryCase("EQ_bizLocation", Events.object, finding: [Events.hall], missing: [Events.dock]),
    QueryCase(
      "WD_readPoint", Events.object, finding: [Events.dock, Events.shelf, Events.shelfLink], missing: [Events.hall]),
    QueryCase("WD_bizLocation", Events.object, finding: [Events.hall, Events.hallLink], missing: [Events.shelf]),
    QueryCase(
      "EQ_transformationID", Events.transformation, finding: ["https://example.com/batch/7"],
      missing: ["https://example.com/batch/8"], others: [Events.object]),
    QueryCase(
      "EQ_eventID", Events.object, finding: ["urn:uuid:6a1a5bd8-0f0c-4d7e-9c0d-1f2c3b4a5968"], missing: ["urn:uuid:0"]),
    QueryCase(
      "EQ_bizTransaction_po", Events.object, finding: [order, "urn:x:1|" + order], missing: ["urn:x:1"],
      others: [Events.aggregation]),
    QueryCase("EQ_bizTransaction_inv", Events.object, missing: [order]),
    QueryCase(
      "EQ_source_owning_party", Events.object, finding: ["urn:epc:id:pgln:4012345.00225", seller],
      missing: [Events.hall], others: [Events.aggregation]),
    QueryCase(
      "EQ_destination_location", Events.object, finding: [Events.hall, Events.hallLink], missing: [Events.dock],
      others: [Events.aggregation]),
  ]

  private static let identifiers = [
    QueryCase(
      "MATCH_epc", Events.object,
      finding: [
        Events.bottle, Events.bottleLink, "urn:epc:idpat:sgtin:0614141.107346.*", "urn:epc:idpat:sgtin:0614141.*.*",
        "urn:epc:idpat:sgtin:*.*.*", "urn:epc:idpat:sgtin:0614141.107346.2018",
      ],
      missing: [
        Events.lot, Events.pallet, "urn:epc:idpat:sgtin:0614141.107347.*", "urn:epc:idpat:sgtin:0614142.*.*",
        "urn:epc:idpat:sscc:*.*", "urn:epc:idpat:upui:*.*.*", "urn:epc:idpat:lgtin:*.*.*",
      ], others: [Events.transformation]),
    QueryCase(
      "MATCH_epc", Events.assets,
      finding: [
        Events.asset, "urn:epc:idpat:grai:0614141.12345.*", "urn:epc:idpat:grai:0614141.*.*",
        "urn:epc:idpat:giai:0614141.*",
        "urn:epc:idpat:gid:31415.271828.*", "urn:epc:idpat:gid:31415.*.*",
      ],
      missing: [
        "urn:epc:idpat:grai:0614141.12346.*", "urn:epc:idpat:giai:0614142.*", "urn:epc:idpat:gid:31416.*.*",
        Events.pallet, "urn:epc:idpat:sscc:0614141.*",
      ]),
    QueryCase(
      "MATCH_parentID", Events.aggregation,
      finding: [Events.pallet, Events.palletLink, "urn:epc:idpat:sscc:0614141.*"],
      missing: [Events.bottle, "urn:epc:idpat:sscc:0614142.*"], others: [Events.object]),
    QueryCase(
      "MATCH_parentID", Events.association,
      finding: ["urn:epc:idpat:sgln:0614141.00888.*", "urn:epc:idpat:sgln:0614141.*.*"],
      missing: ["urn:epc:idpat:sgln:0614141.07346.*"]),
    QueryCase(
      "MATCH_inputEPC", Events.transformation, finding: [Events.bottle], missing: [Events.otherBottle, Events.lot],
      others: [Events.object]),
    QueryCase(
      "MATCH_outputEPC", Events.transformation, finding: [Events.otherBottle], missing: [Events.bottle],
      others: [Events.object]),
    QueryCase("MATCH_anyEPC", Events.aggregation, finding: [Events.pallet, Events.bottle], missing: [Events.lot]),
    QueryCase(
      "MATCH_anyEPC", Events.transformation, finding: [Events.bottle, Events.otherBottle], missing: [Events.lot]),
    QueryCase(
      "MATCH_epcClass", Events.object,
      finding: [
        Events.lot, Events.lotLink, "urn:epc:class:lgtin:4012345.012345.*", "urn:epc:idpat:sgtin:4012345.012345.*",
        "urn:epc:idpat:lgtin:4012345.*.*", "urn:epc:idpat:sgtin:4012345.*.*",
      ],
      missing: [Events.bottle, "urn:epc:class:lgtin:4012345.012346.*", "https://id.gs1.org/01/04012345123456"],
      others: [Events.transformation]),
    QueryCase("MATCH_epcClass", Events.aggregation, finding: [Events.lot], missing: [Events.bottle]),
    QueryCase(
      "MATCH_inputEPCClass", Events.transformation, finding: [Events.lot], missing: [Events.bottle],
      others: [Events.object]),
    QueryCase(
      "MATCH_outputEPCClass", outputLot, finding: [Events.lot], missing: [Events.bottle],
      others: [Events.transformation]),
    QueryCase("MATCH_anyEPCClass", Events.transformation, finding: [Events.lot], missing: [Events.bottle]),
    QueryCase("MATCH_anyEPCClass", outputLot, finding: [Events.lot]),
  ]

  private static var outputLot: Cairn_V1_Event {
    var event = Events.transformation
    event.clearInputQuantityList()
    event.outputQuantityList.quantities = [.with { $0.epcClass = Events.lot }]
    return event
  }

  private static let amounts = [
    QueryCase(
      "EQ_quantity", Events.object, finding: ["200.5", "2.00500e2", "1|200.50"], missing: ["200", "200.6|1"],
      others: [Events.aggregation]),
    QueryCase("GT_quantity", Events.object, finding: ["200.49999999999999999999999"], missing: ["200.5", "201"]),
    QueryCase("GE_quantity", Events.object, finding: ["200.5", "-3"], missing: ["200.50000000000000000000001"]),
    QueryCase("LT_quantity", Events.object, finding: ["200.6"], missing: ["200.5", "200.4"]),
    QueryCase("LE_quantity", Events.object, finding: ["200.5"], missing: ["200.4"]),
    QueryCase("GE_quantity_KGM", Events.object, finding: ["200.5"], missing: ["300"]),
    QueryCase("EQ_quantity_LTR", Events.object, missing: ["200.5"]),
    QueryCase("EQ_quantity_GRM", Events.object, finding: ["200500", "1|2.005e5"], missing: ["200.5"]),
    QueryCase("GT_quantity_LBR", Events.object, finding: ["442.02683"], missing: ["442.02684"]),
    QueryCase("LT_quantity_TNE", Events.object, finding: ["0.20050000000000001"], missing: ["0.2005", "1e-99"]),
  ]
}
