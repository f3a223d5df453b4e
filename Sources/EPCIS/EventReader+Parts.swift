import Primitives
import Wire

extension EventReader {
  func items(_ node: JSONNode) throws(Failure) -> Cairn_V1_ItemList {
    var list = Cairn_V1_ItemList()
    list.items = try node.texts()
    return list
  }

  func textList(_ node: JSONNode) throws(Failure) -> Cairn_V1_TextList {
    var list = Cairn_V1_TextList()
    if case .text = node.value {
      list.scalar = true
      list.values = [try node.text()]
    } else {
      list.values = try node.texts()
    }
    return list
  }

  func quantities(_ node: JSONNode) throws(Failure) -> Cairn_V1_QuantityList {
    var list = Cairn_V1_QuantityList()
    for element in try node.elements() {
      var quantity = Cairn_V1_Quantity()
      for (name, member) in try element.members() {
        switch name {
        case "epcClass": quantity.epcClass = try member.text()
        case "quantity": quantity.quantity = try member.number()
        case "uom": quantity.uom = try member.text()
        default: throw unknown(name, member)
        }
      }
      if quantity.epcClass.isEmpty { throw element.missing("epcClass") }
      list.quantities.append(quantity)
    }
    return list
  }

  func persistentDisposition(_ node: JSONNode) throws(Failure) -> Cairn_V1_PersistentDisposition {
    var dispositions = Cairn_V1_PersistentDisposition()
    for (name, member) in try node.members() {
      switch name {
      case "set": dispositions.set = try textList(member)
      case "unset": dispositions.unset = try textList(member)
      default: throw unknown(name, member)
      }
    }
    return dispositions
  }

  mutating func location(_ node: JSONNode) throws(Failure) -> Cairn_V1_Location {
    var location = Cairn_V1_Location()
    for (name, member) in try node.members() {
      switch name {
      case "id": location.id = try member.text()
      default: location.extensions.append(try userExtension(name, member))
      }
    }
    if location.id.isEmpty { throw node.missing("id") }
    return location
  }

  func bizTransactions(_ node: JSONNode) throws(Failure) -> Cairn_V1_BizTransactionList {
    var list = Cairn_V1_BizTransactionList()
    for element in try node.elements() {
      var transaction = Cairn_V1_BizTransaction()
      (transaction.type, transaction.bizTransaction) = try typed(element, "bizTransaction")
      list.bizTransactions.append(transaction)
    }
    return list
  }

  func sources(_ node: JSONNode) throws(Failure) -> Cairn_V1_SourceList {
    var list = Cairn_V1_SourceList()
    for element in try node.elements() {
      var source = Cairn_V1_Source()
      (source.type, source.source) = try typed(element, "source")
      if source.type.isEmpty { throw element.missing("type") }
      list.sources.append(source)
    }
    return list
  }

  func destinations(_ node: JSONNode) throws(Failure) -> Cairn_V1_DestinationList {
    var list = Cairn_V1_DestinationList()
    for element in try node.elements() {
      var destination = Cairn_V1_Destination()
      (destination.type, destination.destination) = try typed(element, "destination")
      if destination.type.isEmpty { throw element.missing("type") }
      list.destinations.append(destination)
    }
    return list
  }

  /// An object of an optional `type` and one other, required text.
  private func typed(_ node: JSONNode, _ field: String) throws(Failure) -> (type: String, value: String) {
    var type = ""
    var value = ""
    for (name, member) in try node.members() {
      switch name {
      case "type": type = try member.text()
      case field: value = try member.text()
      default: throw unknown(name, member)
      }
    }
    if value.isEmpty { throw node.missing(field) }
    return (type, value)
  }

  mutating func errorDeclaration(_ node: JSONNode) throws(Failure) -> Cairn_V1_ErrorDeclaration {
    var declaration = Cairn_V1_ErrorDeclaration()
    for (name, member) in try node.members() {
      switch name {
      case "declarationTime": declaration.declarationTime = try member.text()
      case "reason": declaration.reason = try member.text()
      case "correctiveEventIDs": declaration.correctiveEventIds = try textList(member)
      default: declaration.extensions.append(try userExtension(name, member))
      }
    }
    if declaration.declarationTime.isEmpty { throw node.missing("declarationTime") }
    return declaration
  }
}
