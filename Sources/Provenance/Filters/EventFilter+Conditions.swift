import Primitives
import Wire

extension EventFilter {
  /// The conditions of all fields that the filter does not compare itself.
  static func conditions(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    try lists(wire) + matches(wire) + quantities(wire) + references(wire) + fields(wire) + messages(wire)
  }

  /// The conditions that master data may have to decide.
  static func describedConditions(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any DescribedCondition] {
    let places: [(any DescribedCondition)?] = [
      try PlaceCondition(.readPoint, "read_points_within", wire.readPointsWithin),
      try PlaceCondition(.bizLocation, "biz_locations_within", wire.bizLocationsWithin),
    ]
    return try places.compactMap(\.self)
      + each("attributes", wire.attributes) { item throws(Failure) in try AttributeCondition(item) }
  }

  private static func lists(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    let conditions: [(any EventCondition)?] = [
      try DispositionCondition(.set, "persistent_dispositions_set", wire.persistentDispositionsSet),
      try DispositionCondition(.unset, "persistent_dispositions_unset", wire.persistentDispositionsUnset),
      try TransformationCondition("transformation_ids", wire.transformationIds),
    ]
    return conditions.compactMap(\.self)
  }

  private static func matches(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    let conditions: [(any EventCondition)?] = [
      try MatchCondition(.epc, "match_epcs", wire.matchEpcs),
      try MatchCondition(.parent, "match_parent_ids", wire.matchParentIds),
      try MatchCondition(.inputEPC, "match_input_epcs", wire.matchInputEpcs),
      try MatchCondition(.outputEPC, "match_output_epcs", wire.matchOutputEpcs),
      try MatchCondition(.anyEPC, "match_any_epcs", wire.matchAnyEpcs),
      try MatchCondition(.epcClass, "match_epc_classes", wire.matchEpcClasses),
      try MatchCondition(.inputClass, "match_input_epc_classes", wire.matchInputEpcClasses),
      try MatchCondition(.outputClass, "match_output_epc_classes", wire.matchOutputEpcClasses),
      try MatchCondition(.anyClass, "match_any_epc_classes", wire.matchAnyEpcClasses),
    ]
    return conditions.compactMap(\.self)
  }

  private static func quantities(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    try each("quantities", wire.quantities) { item throws(Failure) in try QuantityCondition(item) }
  }

  private static func references(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    try each("biz_transactions", wire.bizTransactions) { item throws(Failure) in
      try ReferenceCondition(.bizTransactions, item)
    }
      + each("sources", wire.sources) { item throws(Failure) in try ReferenceCondition(.sources, item) }
      + each("destinations", wire.destinations) { item throws(Failure) in
        try ReferenceCondition(.destinations, item)
      }
  }

  private static func fields(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    try each("fields", wire.fields) { item throws(Failure) in try FieldCondition(item) }
  }

  private static func messages(_ wire: Cairn_V1_EventFilter) throws(Failure) -> [any EventCondition] {
    var conditions: [any EventCondition] = []
    if wire.hasErrorDeclaration {
      let declaration = wire.errorDeclaration
      conditions.append(
        try at("error_declaration") { () throws(Failure) in try ErrorDeclarationCondition(declaration) })
    }
    if wire.hasSensors {
      let sensors = wire.sensors
      conditions.append(try at("sensors") { () throws(Failure) in try SensorCondition(sensors) })
    }
    return conditions
  }

  private static func each<Item, Condition>(
    _ field: String, _ items: [Item], _ read: (Item) throws(Failure) -> Condition
  ) throws(Failure) -> [Condition] {
    try FilterValues.count(field, items.count, limit: maximumConditionCount)
    var conditions: [Condition] = []
    for (index, item) in items.enumerated() {
      conditions.append(try at("\(field)[\(index)]") { () throws(Failure) in try read(item) })
    }
    return conditions
  }
}
