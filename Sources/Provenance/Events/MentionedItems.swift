import Primitives
import Wire

/// Gathers the items of an event, each once, and checks them on the way.
struct MentionedItems {
  private(set) var items: [MentionedItem] = []
  /// Used instead of comparing one by one when there are many.
  private var seen: Set<MentionedItem> = []

  private static let fewItems = 16

  /// Takes an event whose shape was checked: a field that its type does not have is not looked at again.
  init(_ event: Cairn_V1_Event) throws(Failure) {
    switch event.type {
    case .object:
      try addObjects(event)
    case .transaction:
      try addObjects(event)
      try addParent(event)
    case .aggregation, .association:
      try addParent(event)
      if event.hasChildEpcs { try add(event.childEpcs, .child, "child_epcs") }
      if event.hasChildQuantityList { try add(event.childQuantityList, .child, "child_quantity_list") }
    case .transformation:
      if event.hasInputEpcList { try add(event.inputEpcList, .input, "input_epc_list") }
      if event.hasInputQuantityList { try add(event.inputQuantityList, .input, "input_quantity_list") }
      if event.hasOutputEpcList { try add(event.outputEpcList, .output, "output_epc_list") }
      if event.hasOutputQuantityList { try add(event.outputQuantityList, .output, "output_quantity_list") }
    case .unspecified, .UNRECOGNIZED: break
    }
  }

  private mutating func addObjects(_ event: Cairn_V1_Event) throws(Failure) {
    if event.hasEpcList { try add(event.epcList, .object, "epc_list") }
    if event.hasQuantityList { try add(event.quantityList, .object, "quantity_list") }
  }

  private mutating func addParent(_ event: Cairn_V1_Event) throws(Failure) {
    let parent = event.parentID
    if !parent.isEmpty { try add(parent, .parent, isQuantity: false, "parent_id") }
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
