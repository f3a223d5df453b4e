import Wire

extension SupplyChain {
  /// The event of a works order that is due.
  mutating func event(of order: WorksOrder) -> Cairn_V1_Event {
    let company = company(order, stage: order.stage)
    var event = Cairn_V1_Event()
    event.type = order.deed.type
    event.action = order.deed.action
    event.eventTime = time(company.style)
    event.bizStep = order.deed.bizStep
    event.disposition = order.deed.disposition
    let stop = order.stage + (order.deed.isAtReceiver ? 1 : 0)
    event.readPoint.id = place((order.number + stop) % Self.companyCount, company.style)
    event.bizLocation = event.readPoint
    name(order, in: &event)
    return event
  }

  /// Items that a finished order ends with; every ninth of them.
  func products(of order: WorksOrder) -> [String] {
    let items = items(order, stage: WorksOrder.stages)
    return stride(from: order.number % 9, to: items.count, by: 9).map { items[$0] }
  }

  private func name(_ order: WorksOrder, in event: inout Cairn_V1_Event) {
    let stage = order.stage
    switch order.deed {
    case .commission: event.epcList.items = items(order, stage: 0)
    case .pack(let number), .unpack(let number):
      event.parentID = cases(order)[number]
      let start = number * WorksOrder.itemsPerCase
      event.childEpcs.items = Array(items(order, stage: stage)[start..<start + WorksOrder.itemsPerCase])
    case .palletise, .depalletise:
      event.parentID = box(order, kind: 3)
      event.childEpcs.items = cases(order)
    case .load, .unload:
      event.parentID = box(order, kind: 4)
      event.childEpcs.items = [box(order, kind: 3)]
    case .ship, .receive: event.epcList.items = [box(order, kind: 4)]
    case .transform:
      event.inputEpcList.items = items(order, stage: stage)
      event.outputEpcList.items = items(order, stage: stage + 1)
    }
  }

  private func company(_ order: WorksOrder, stage: Int) -> Company {
    companies[(order.number + stage) % Self.companyCount]
  }

  /// Serial numbers of one run, as a machine gives them.
  private func items(_ order: WorksOrder, stage: Int) -> [String] {
    let company = company(order, stage: stage)
    return (0..<order.width).map { item in
      company.item(
        product: 500 + order.number % 40, serial: "W" + Company.digits(order.number * WorksOrder.widest + item, 9))
    }
  }

  private func cases(_ order: WorksOrder) -> [String] {
    (0..<order.caseCount).map { box(order, kind: 2, number: $0) }
  }

  /// A case (kind 2), the pallet (3) or the container (4) of the stage under way.
  private func box(_ order: WorksOrder, kind: Int, number: Int = 0) -> String {
    let numberOfStage = order.number * WorksOrder.stages + order.stage
    return company(order, stage: order.stage).container(
      kind: kind, number: numberOfStage * (kind == 2 ? WorksOrder.widest / WorksOrder.itemsPerCase : 1) + number)
  }
}

extension WorksOrder.Deed {
  /// Whether it happens where the goods arrive.
  var isAtReceiver: Bool {
    switch self {
    case .receive, .unload, .depalletise, .unpack, .transform: true
    default: false
    }
  }

  var type: Cairn_V1_EventType {
    switch self {
    case .commission, .ship, .receive: .object
    case .transform: .transformation
    default: .aggregation
    }
  }

  var action: Cairn_V1_Action {
    switch self {
    case .commission, .pack, .palletise, .load: .add
    case .ship, .receive: .observe
    case .unload, .depalletise, .unpack: .delete
    case .transform: .unspecified
    }
  }

  /// Words of CBV 2.0.
  var bizStep: String {
    switch self {
    case .commission, .transform: "commissioning"
    case .pack: "packing"
    case .palletise, .load: "loading"
    case .ship: "shipping"
    case .receive: "receiving"
    case .unload, .depalletise: "unloading"
    case .unpack: "unpacking"
    }
  }

  /// Words of CBV 2.0.
  var disposition: String {
    switch self {
    case .commission, .transform: "active"
    case .ship: "in_transit"
    default: "in_progress"
    }
  }
}
