import Primitives
import Wire

/// Gathers the items of an event, each once, and checks them on the way.
struct MentionedItems {
  private(set) var items: [MentionedItem] = []
  /// Used instead of comparing one by one when there are many.
  private var seen: Set<MentionedItem> = []

  private static let fewItems = 16

  init(_ event: Cairn_V1_Event) throws(Failure) {
    if event.hasEpcList { try add(event.epcList, .object, "epc_list") }
    if event.hasQuantityList { try add(event.quantityList, .object, "quantity_list") }
    if !event.parentID.isEmpty { try add(event.parentID, .parent, isQuantity: false, "parent_id") }
    if event.hasChildEpcs { try add(event.childEpcs, .child, "child_epcs") }
    if event.hasChildQuantityList { try add(event.childQuantityList, .child, "child_quantity_list") }
    guard event.type == .transformation else { return }
    if event.hasInputEpcList { try add(event.inputEpcList, .input, "input_epc_list") }
    if event.hasInputQuantityList { try add(event.inputQuantityList, .input, "input_quantity_list") }
    if event.hasOutputEpcList { try add(event.outputEpcList, .output, "output_epc_list") }
    if event.hasOutputQuantityList { try add(event.outputQuantityList, .output, "output_quantity_list") }
  }

  private mutating func add(
    _ list: Cairn_V1_ItemList, _ role: MentionedItem.Role, _ field: String
  ) throws(Failure) {
    try Rules.count("\(field).items", list.items.count)
    items.reserveCapacity(items.count + list.items.count)
    for index in list.items.indices {
      try add(list.items[index], role, isQuantity: false, "\(field).items[\(index)]")
    }
  }

  private mutating func add(
    _ list: Cairn_V1_QuantityList, _ role: MentionedItem.Role, _ field: String
  ) throws(Failure) {
    try Rules.count("\(field).quantities", list.quantities.count)
    for (index, quantity) in list.quantities.enumerated() {
      try add(quantity.epcClass, role, isQuantity: true, "\(field).quantities[\(index)].epc_class")
      try at("\(field).quantities[\(index)]") { () throws(Failure) in try Rules.quantity(quantity) }
    }
  }

  private mutating func add(
    _ text: String, _ role: MentionedItem.Role, isQuantity: Bool, _ field: @autoclosure () -> String
  ) throws(Failure) {
    let identifier = try at(field()) { () throws(Failure) in try Identifier(text) }
    let item = MentionedItem(canonical: identifier.canonical, role: role, isQuantity: isQuantity)
    if items.count < Self.fewItems {
      guard !items.contains(item) else { return }
    } else {
      if seen.isEmpty { seen = Set(items) }
      guard seen.insert(item).inserted else { return }
    }
    items.append(item)
  }
}

extension Rules {
  /// An amount has a number where it has a unit (EPCIS 2.0.1, section 7.3.3.3).
  static func quantity(_ quantity: Cairn_V1_Quantity) throws(Failure) {
    try optionalNumber("quantity", quantity.quantity)
    try optionalUnit("uom", quantity.uom)
    guard quantity.uom.isEmpty || !quantity.quantity.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "quantity", "is missing: a unit needs a number")
    }
  }
}
