import Wire

/// One event in the life of a consignment: two items in a case on a pallet. Each item is named in ten events.
enum Step: Int, CaseIterable {
  case commission, pack, palletise, ship, receive, measure, forward, receiveAgain, depalletise, stock, unpack
  case sellFirst, sellSecond

  /// Which part of the consignment the event is about.
  enum Subject { case items, packing, loading, first, second }

  /// Where a consignment passes: the maker's factory, two warehouses, a shop.
  enum Stop: Int { case factory, warehouse, depot, shop }

  var subject: Subject {
    switch self {
    case .pack, .unpack: .packing
    case .palletise, .depalletise: .loading
    case .sellFirst: .first
    case .sellSecond: .second
    default: .items
    }
  }

  var type: Cairn_V1_EventType {
    switch subject {
    case .packing, .loading: .aggregation
    default: .object
    }
  }

  var action: Cairn_V1_Action {
    switch self {
    case .commission, .pack, .palletise: .add
    case .depalletise, .unpack, .sellFirst, .sellSecond: .delete
    default: .observe
    }
  }

  /// Words of CBV 2.0.
  var bizStep: String {
    switch self {
    case .commission: "commissioning"
    case .pack: "packing"
    case .palletise: "loading"
    case .ship, .forward: "shipping"
    case .receive, .receiveAgain: "receiving"
    case .measure: "sensor_reporting"
    case .depalletise: "unloading"
    case .stock: "stocking"
    case .unpack: "unpacking"
    case .sellFirst, .sellSecond: "retail_selling"
    }
  }

  /// Words of CBV 2.0.
  var disposition: String {
    switch self {
    case .commission: "active"
    case .pack, .palletise, .receive, .measure, .receiveAgain, .depalletise: "in_progress"
    case .ship, .forward: "in_transit"
    case .stock, .unpack: "sellable_accessible"
    case .sellFirst, .sellSecond: "retail_sold"
    }
  }

  var stop: Stop {
    switch self {
    case .commission, .pack, .palletise, .ship: .factory
    case .receive, .measure, .forward: .warehouse
    case .receiveAgain, .depalletise: .depot
    case .stock, .unpack, .sellFirst, .sellSecond: .shop
    }
  }
}
