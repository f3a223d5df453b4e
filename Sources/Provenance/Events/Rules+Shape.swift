import Primitives
import Wire

extension Rules {
  /// Which fields an event must and must not have, by its type and action (EPCIS 2.0.1, section 7.4).
  static func shape(_ event: Cairn_V1_Event) throws(Failure) {
    try action(event)
    switch event.type {
    case .object: try objectShape(event)
    case .aggregation: try childrenShape(event, parentMayBeMissing: event.action == .observe)
    case .association: try childrenShape(event, parentMayBeMissing: false)
    case .transaction: try transactionShape(event)
    case .transformation: try transformationShape(event)
    case .unspecified, .UNRECOGNIZED:
      throw .malformed(
        "UNKNOWN_EVENT_TYPE", field: "type", "is none of object, aggregation, transaction, transformation, association")
    }
    if event.hasIlmd, event.type != .transformation, event.type != .object || event.action != .add {
      throw .malformed(
        "MISPLACED_FIELD", field: "ilmd",
        "only object events with action ADD and transformation events carry master data")
    }
  }

  private static func action(_ event: Cairn_V1_Event) throws(Failure) {
    switch event.action {
    case .add, .observe, .delete:
      guard event.type != .transformation else { throw misplaced("action", "transformation") }
    case .unspecified:
      guard event.type == .transformation || event.type == .unspecified else {
        throw .malformed("MISSING_FIELD", field: "action", "is missing; write ADD, OBSERVE or DELETE")
      }
    case .UNRECOGNIZED(let number):
      throw .malformed("UNKNOWN_ACTION", field: "action", "\(number) is none of ADD, OBSERVE and DELETE")
    }
  }

  private static func objectShape(_ event: Cairn_V1_Event) throws(Failure) {
    if !event.parentID.isEmpty { throw misplaced("parent_id", "object") }
    try refuseChildren(event, "object")
    try refuseTransformation(event, "object")
    let hasSensors = event.hasSensorElementList && !event.sensorElementList.elements.isEmpty
    guard event.hasEpcList || isPresent(event.hasQuantityList, event.quantityList) || hasSensors else {
      throw missing("epc_list", "an object event names items in epc_list or classes in quantity_list")
    }
  }

  private static func childrenShape(_ event: Cairn_V1_Event, parentMayBeMissing: Bool) throws(Failure) {
    let type = event.type == .aggregation ? "aggregation" : "association"
    try refuseItems(event, type)
    try refuseTransformation(event, type)
    guard parentMayBeMissing || !event.parentID.isEmpty else {
      throw missing("parent_id", "names what the children are in; only an observed aggregation may leave it out")
    }
    let hasChildren = event.hasChildEpcs && !event.childEpcs.items.isEmpty
    guard event.action == .delete || hasChildren || isPresent(event.hasChildQuantityList, event.childQuantityList)
    else {
      throw missing("child_epcs", "only DELETE may name no children, and then means all of them")
    }
  }

  private static func transactionShape(_ event: Cairn_V1_Event) throws(Failure) {
    try refuseChildren(event, "transaction")
    try refuseTransformation(event, "transaction")
    guard event.hasBizTransactionList, !event.bizTransactionList.bizTransactions.isEmpty else {
      throw missing("biz_transaction_list", "a transaction event names at least one business transaction")
    }
    guard event.action == .delete || event.hasEpcList || isPresent(event.hasQuantityList, event.quantityList) else {
      throw missing("epc_list", "only DELETE may name no items, and then means all of them")
    }
  }

  private static func transformationShape(_ event: Cairn_V1_Event) throws(Failure) {
    if !event.parentID.isEmpty { throw misplaced("parent_id", "transformation") }
    try refuseItems(event, "transformation")
    try refuseChildren(event, "transformation")
    let hasInput =
      (event.hasInputEpcList && !event.inputEpcList.items.isEmpty)
      || isPresent(event.hasInputQuantityList, event.inputQuantityList)
    let hasOutput =
      (event.hasOutputEpcList && !event.outputEpcList.items.isEmpty)
      || isPresent(event.hasOutputQuantityList, event.outputQuantityList)
    let mayBeHalf = !event.transformationID.isEmpty
    guard hasInput || (mayBeHalf && hasOutput) else {
      throw missing("input_epc_list", "inputs may be left out only with a transformation_id that joins them to outputs")
    }
    guard hasOutput || mayBeHalf else {
      throw missing(
        "output_epc_list", "outputs may be left out only with a transformation_id that joins them to inputs")
    }
  }

  private static func isPresent(_ has: Bool, _ list: @autoclosure () -> Cairn_V1_QuantityList) -> Bool {
    has && !list().quantities.isEmpty
  }

  private static func refuseItems(_ event: Cairn_V1_Event, _ type: String) throws(Failure) {
    if event.hasEpcList { throw misplaced("epc_list", type) }
    if event.hasQuantityList { throw misplaced("quantity_list", type) }
  }

  private static func refuseChildren(_ event: Cairn_V1_Event, _ type: String) throws(Failure) {
    if event.hasChildEpcs { throw misplaced("child_epcs", type) }
    if event.hasChildQuantityList { throw misplaced("child_quantity_list", type) }
  }

  private static func refuseTransformation(_ event: Cairn_V1_Event, _ type: String) throws(Failure) {
    if event.hasInputEpcList { throw misplaced("input_epc_list", type) }
    if event.hasInputQuantityList { throw misplaced("input_quantity_list", type) }
    if event.hasOutputEpcList { throw misplaced("output_epc_list", type) }
    if event.hasOutputQuantityList { throw misplaced("output_quantity_list", type) }
    if !event.transformationID.isEmpty { throw misplaced("transformation_id", type) }
  }

  private static func misplaced(_ field: String, _ type: String) -> Failure {
    .malformed("MISPLACED_FIELD", field: field, "has no place in \(type) events")
  }

  private static func missing(_ field: String, _ description: String) -> Failure {
    .malformed("MISSING_FIELD", field: field, "is missing or empty: \(description)")
  }
}
