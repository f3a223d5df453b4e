import Primitives
import Wire

extension EventWriter {
  static func quantity(_ quantity: Cairn_V1_Quantity, into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("epcClass", quantity.epcClass)
    try builder.number("quantity", quantity.quantity)
    try builder.text("uom", quantity.uom)
  }

  static func persistentDisposition(
    _ dispositions: Cairn_V1_PersistentDisposition, into builder: inout ObjectBuilder
  ) throws(Failure) {
    if dispositions.hasSet { try builder.texts("set", dispositions.set) }
    if dispositions.hasUnset { try builder.texts("unset", dispositions.unset) }
  }

  static func location(_ location: Cairn_V1_Location, into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("id", location.id)
    try builder.extensions(location.extensions)
  }

  static func bizTransaction(
    _ transaction: Cairn_V1_BizTransaction, into builder: inout ObjectBuilder
  ) throws(Failure) {
    try builder.text("type", transaction.type)
    try builder.text("bizTransaction", transaction.bizTransaction)
  }

  static func source(_ source: Cairn_V1_Source, into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("type", source.type)
    try builder.text("source", source.source)
  }

  static func destination(_ destination: Cairn_V1_Destination, into builder: inout ObjectBuilder) throws(Failure) {
    try builder.text("type", destination.type)
    try builder.text("destination", destination.destination)
  }

  static func errorDeclaration(
    _ declaration: Cairn_V1_ErrorDeclaration, into builder: inout ObjectBuilder
  ) throws(Failure) {
    try builder.text("declarationTime", declaration.declarationTime)
    try builder.text("reason", declaration.reason)
    if declaration.hasCorrectiveEventIds { try builder.texts("correctiveEventIDs", declaration.correctiveEventIds) }
    try builder.extensions(declaration.extensions)
  }
}
