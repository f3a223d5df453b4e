import Primitives
package import Wire

extension Cairn_V1_Event {
  /// The read point, the business location, and the sources and destinations, as they are written.
  package var namesOfPlacesAndParties: [String] {
    let places = [readPoint.id, bizLocation.id].filter { !$0.isEmpty }
    return places + sourceList.sources.map(\.source) + destinationList.destinations.map(\.destination)
  }

  /// The items and classes, as they are written.
  package var namesOfItems: [String] {
    let lists = [epcList, childEpcs, inputEpcList, outputEpcList].flatMap(\.items)
    let classes = [quantityList, childQuantityList, inputQuantityList, outputQuantityList].flatMap(\.quantities)
    return classes.map(\.epcClass) + (parentID.isEmpty ? [] : [parentID]) + lists
  }
}
