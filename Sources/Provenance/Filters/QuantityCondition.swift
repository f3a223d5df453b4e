import Primitives
import Wire

/// Some quantity of the event, in any of its lists, has this number in this unit.
struct QuantityCondition: EventCondition {
  private let measure: MeasureComparison

  init(_ wire: Cairn_V1_QuantityCondition) throws(Failure) {
    measure = try MeasureComparison(wire.number, uom: wire.uom)
  }

  func holds(for event: ValidatedEvent) -> Bool {
    let event = event.event
    return (event.hasQuantityList && holds(event.quantityList))
      || (event.hasChildQuantityList && holds(event.childQuantityList))
      || (event.hasInputQuantityList && holds(event.inputQuantityList))
      || (event.hasOutputQuantityList && holds(event.outputQuantityList))
  }

  private func holds(_ list: Cairn_V1_QuantityList) -> Bool {
    list.quantities.contains { measure.holds(for: $0.quantity, uom: $0.uom) }
  }
}
