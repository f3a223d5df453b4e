import Testing
import SwiftProtobuf
import Wire

/// A change that breaks one rule, with the reason and the field that must be named.
struct Refusal: Sendable, CustomTestStringConvertible {
  let reason: String
  let field: String
  let event: Cairn_V1_Event
  let apply: @Sendable (inout Cairn_V1_Event) -> Void

  var testDescription: String { "\(reason) \(field)" }

  init(
    _ reason: String, _ field: String, _ event: Cairn_V1_Event = Events.object,
    _ apply: @escaping @Sendable (inout Cairn_V1_Event) -> Void
  ) {
    self.reason = reason
    self.field = field
    self.event = event
    self.apply = apply
  }

  static let shape = [
    Refusal("UNKNOWN_EVENT_TYPE", "type") { $0.type = .unspecified },
    Refusal("UNKNOWN_EVENT_TYPE", "type") { $0.type = .UNRECOGNIZED(9) },
    Refusal("MISSING_FIELD", "action") { $0.action = .unspecified },
    Refusal("UNKNOWN_ACTION", "action") { $0.action = .UNRECOGNIZED(4) },
    Refusal("MISPLACED_FIELD", "action", Events.transformation) { $0.action = .add },
    Refusal("MISSING_FIELD", "epc_list") {
      $0.clearEpcList()
      $0.clearQuantityList()
    },
    Refusal("MISSING_FIELD", "epc_list") {
      $0.clearEpcList()
      $0.quantityList.quantities = []
    },
    Refusal("MISPLACED_FIELD", "parent_id") { $0.parentID = Events.pallet },
    Refusal("MISPLACED_FIELD", "child_epcs") { $0.childEpcs = .init() },
    Refusal("MISPLACED_FIELD", "child_quantity_list") { $0.childQuantityList = .init() },
    Refusal("MISPLACED_FIELD", "input_epc_list") { $0.inputEpcList = .init() },
    Refusal("MISPLACED_FIELD", "input_quantity_list") { $0.inputQuantityList = .init() },
    Refusal("MISPLACED_FIELD", "output_epc_list") { $0.outputEpcList = .init() },
    Refusal("MISPLACED_FIELD", "output_quantity_list") { $0.outputQuantityList = .init() },
    Refusal("MISPLACED_FIELD", "transformation_id") { $0.transformationID = "urn:x:1" },
    Refusal("MISPLACED_FIELD", "ilmd") { $0.ilmd = .init() },
    Refusal("MISPLACED_FIELD", "ilmd", Events.aggregation) { $0.ilmd = .init() },
    Refusal("MISSING_FIELD", "parent_id", Events.aggregation) { $0.parentID = "" },
    Refusal("MISSING_FIELD", "parent_id", Events.association) { $0.parentID = "" },
    Refusal("MISSING_FIELD", "parent_id", Events.association) {
      $0.action = .observe
      $0.parentID = ""
    },
    Refusal("MISSING_FIELD", "child_epcs", Events.aggregation) {
      $0.childEpcs.items = []
      $0.childQuantityList.quantities = []
    },
    Refusal("MISPLACED_FIELD", "epc_list", Events.aggregation) { $0.epcList = .init() },
    Refusal("MISPLACED_FIELD", "quantity_list", Events.association) { $0.quantityList = .init() },
    Refusal("MISPLACED_FIELD", "output_epc_list", Events.association) { $0.outputEpcList = .init() },
    Refusal("MISSING_FIELD", "biz_transaction_list", Events.transaction) { $0.clearBizTransactionList() },
    Refusal("MISSING_FIELD", "epc_list", Events.transaction) { $0.clearEpcList() },
    Refusal("MISPLACED_FIELD", "child_epcs", Events.transaction) { $0.childEpcs = .init() },
    Refusal("MISPLACED_FIELD", "transformation_id", Events.transaction) { $0.transformationID = "urn:x:1" },
    Refusal("MISPLACED_FIELD", "parent_id", Events.transformation) { $0.parentID = Events.pallet },
    Refusal("MISPLACED_FIELD", "epc_list", Events.transformation) { $0.epcList = .init() },
    Refusal("MISPLACED_FIELD", "child_epcs", Events.transformation) { $0.childEpcs = .init() },
    Refusal("MISSING_FIELD", "output_epc_list", Events.transformation) {
      $0.transformationID = ""
      $0.clearOutputEpcList()
    },
    Refusal("MISSING_FIELD", "input_epc_list", Events.transformation) {
      $0.clearInputEpcList()
      $0.clearInputQuantityList()
      $0.clearOutputEpcList()
    },
  ]

  static let time =
    [
      Refusal("MISSING_FIELD", "event_time") { $0.clearEventTime() },
      Refusal("TIME_OUT_OF_RANGE", "event_time.microseconds") { $0.eventTime.microseconds = .max },
      Refusal("TIME_OUT_OF_RANGE", "event_time.microseconds") { $0.eventTime.microseconds = -62_135_596_800_000_001 },
      Refusal("OFFSET_OUT_OF_RANGE", "event_time.offset_minutes") { $0.eventTime.offsetMinutes = 841 },
      Refusal("OFFSET_OUT_OF_RANGE", "event_time.offset_minutes") { $0.eventTime.offsetMinutes = .min },
      Refusal("TIME_MISMATCH", "event_time.text") { $0.eventTime.microseconds += 1 },
      Refusal("OFFSET_MISMATCH", "event_time.offset_text") { $0.eventTime.offsetMinutes = 360 },
      Refusal("INVALID_TIME", "event_time.offset_text") { $0.eventTime.offsetText = "-6:00" },
      Refusal("INVALID_TIME", "event_time.offset_text") { $0.eventTime.offsetText = "+14:01" },
      Refusal("INVALID_TIME", "event_time.offset_text") { $0.eventTime.offsetText = "-06:00 " },
      Refusal("INVALID_TIME", "record_time") { $0.recordTime = "yesterday" },
    ]
    + [
      "2005-04-03", "2005-04-03T20:33:31.116", "2005-04-03 20:33:31.116-06:00", "2005-4-3T20:33:31Z",
      "2005-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2005-13-01T00:00:00Z", "2005-04-31T00:00:00Z",
      "2005-04-03T24:00:00Z", "2005-04-03T23:60:00Z", "2005-04-03T23:59:60Z", "2005-04-03T20:33:31.Z",
      "2005-04-03T20:33:31,1Z", "2005-04-03T20:33:31+0600", "2005-04-03T20:33:31Z2", "0000-01-01T00:00:00Z",
      "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "２００５-04-03T20:33:31Z", "T",
    ].map { text in
      Refusal("INVALID_TIME", "event_time.text") { $0.eventTime.text = text }
    }

  static let fields =
    [
      Refusal("INVALID_CHECK_DIGIT", "epc_list.items[1]") { $0.epcList.items[1] = "(01)10614141073465(21)1" },
      Refusal("EMPTY_IDENTIFIER", "epc_list.items[0]") { $0.epcList.items[0] = "" },
      Refusal("LIST_TOO_LONG", "epc_list.items") {
        $0.epcList.items = Array(repeating: Events.bottle, count: 20_001)
      },
      Refusal("NOT_A_URI", "quantity_list.quantities[0].epc_class") {
        $0.quantityList.quantities[0].epcClass = "apples"
      },
      Refusal("INVALID_NUMBER", "quantity_list.quantities[0].quantity") {
        $0.quantityList.quantities[0].quantity = "1,5"
      },
      Refusal("INVALID_UNIT", "quantity_list.quantities[0].uom") { $0.quantityList.quantities[0].uom = "kg" },
      Refusal("MISSING_FIELD", "quantity_list.quantities[0].quantity") { $0.quantityList.quantities[0].quantity = "" },
      Refusal("INVALID_LENGTH", "parent_id", Events.aggregation) { $0.parentID = "urn:epc:id:sscc:0614141.123" },
      Refusal("NOT_A_URI", "child_epcs.items[0]", Events.aggregation) { $0.childEpcs.items[0] = "box" },
      Refusal("NOT_A_URI", "input_epc_list.items[0]", Events.transformation) { $0.inputEpcList.items[0] = "box" },
      Refusal("NOT_A_URI", "output_epc_list.items[0]", Events.transformation) { $0.outputEpcList.items[0] = "box" },
      Refusal("NOT_A_URI", "transformation_id", Events.transformation) { $0.transformationID = "batch 7" },
      Refusal("UNKNOWN_VOCABULARY", "biz_step") { $0.bizStep = "shiping" },
      Refusal("UNKNOWN_VOCABULARY", "disposition") { $0.disposition = "shipping" },
      Refusal("UNKNOWN_VOCABULARY", "persistent_disposition.set.values[0]") {
        $0.persistentDisposition.set.values = ["fine"]
      },
      Refusal("UNKNOWN_VOCABULARY", "persistent_disposition.unset.values[1]") {
        $0.persistentDisposition.unset.values = ["damaged", ""]
      },
      Refusal("EMPTY_IDENTIFIER", "read_point.id") { $0.readPoint.id = "" },
      Refusal("INVALID_CHECK_DIGIT", "biz_location.id") { $0.bizLocation.id = "(414)9506000134368" },
      Refusal("UNKNOWN_VOCABULARY", "biz_transaction_list.biz_transactions[0].type") {
        $0.bizTransactionList.bizTransactions[0].type = "order"
      },
      Refusal("EMPTY_IDENTIFIER", "biz_transaction_list.biz_transactions[0].biz_transaction") {
        $0.bizTransactionList.bizTransactions[0].bizTransaction = ""
      },
      Refusal("MISSING_FIELD", "source_list.sources[0].type") { $0.sourceList.sources[0].type = "" },
      Refusal("NOT_A_URI", "source_list.sources[0].source") { $0.sourceList.sources[0].source = "Acme" },
      Refusal("UNKNOWN_VOCABULARY", "destination_list.destinations[0].type") {
        $0.destinationList.destinations[0].type = "buyer"
      },
      Refusal("EMPTY_IDENTIFIER", "destination_list.destinations[0].destination") {
        $0.destinationList.destinations[0].destination = ""
      },
      Refusal("NOT_A_URI", "event_id") { $0.eventID = "42" },
      Refusal("TEXT_TOO_LONG", "event_id") { $0.eventID = "urn:x:" + String(repeating: "a", count: 2_043) },
      Refusal("NOT_A_URI", "certification_info.values[0]") { $0.certificationInfo.values = ["certified"] },
      Refusal("INVALID_SCALAR", "certification_info.scalar") { $0.certificationInfo.scalar = true },
      Refusal("MISSING_FIELD", "error_declaration.declaration_time") { $0.errorDeclaration.reason = "incorrect_data" },
      Refusal("INVALID_TIME", "error_declaration.declaration_time") { $0.errorDeclaration.declarationTime = "now" },
      Refusal("UNKNOWN_VOCABULARY", "error_declaration.reason") {
        $0.errorDeclaration.declarationTime = "2020-01-15T00:00:00+01:00"
        $0.errorDeclaration.reason = "oops"
      },
      Refusal("NOT_A_URI", "error_declaration.corrective_event_ids.values[0]") {
        $0.errorDeclaration.declarationTime = "2020-01-15T00:00:00+01:00"
        $0.errorDeclaration.correctiveEventIds.values = ["42"]
      },
    ]
    + ["-", "1.", ".5", "01", "1e", "1e+", "+1", "0x1", "NaN", "1 ", "１"].map { text in
      Refusal("INVALID_NUMBER", "quantity_list.quantities[0].quantity") {
        $0.quantityList.quantities[0].quantity = text
      }
    }
}
