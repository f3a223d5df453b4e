import Primitives
import Wire

extension Rules {
  /// Business transactions, sources, destinations and persistent dispositions; gives the canonical transactions.
  static func businessContext(_ event: Cairn_V1_Event) throws(Failure) -> [String] {
    if event.hasSourceList { try sources(event.sourceList.sources) }
    if event.hasDestinationList { try destinations(event.destinationList.destinations) }
    if event.hasPersistentDisposition { try persistentDisposition(event.persistentDisposition) }
    return event.hasBizTransactionList ? try bizTransactions(event.bizTransactionList.bizTransactions) : []
  }

  private static func bizTransactions(_ transactions: [Cairn_V1_BizTransaction]) throws(Failure) -> [String] {
    try count("biz_transaction_list.biz_transactions", transactions.count)
    var canonical: [String] = []
    canonical.reserveCapacity(transactions.count)
    for (index, transaction) in transactions.enumerated() {
      try at("biz_transaction_list.biz_transactions[\(index)]") { () throws(Failure) in
        try optionalValue("type", transaction.type, of: .bizTransactionType)
        canonical.append(try identifier("biz_transaction", transaction.bizTransaction))
      }
    }
    return canonical.count < 2 ? canonical : Array(Set(canonical)).sorted()
  }

  private static func sources(_ sources: [Cairn_V1_Source]) throws(Failure) {
    try count("source_list.sources", sources.count)
    for (index, source) in sources.enumerated() {
      try at("source_list.sources[\(index)]") { () throws(Failure) in
        try party(type: source.type, "source", source.source)
      }
    }
  }

  private static func destinations(_ destinations: [Cairn_V1_Destination]) throws(Failure) {
    try count("destination_list.destinations", destinations.count)
    for (index, destination) in destinations.enumerated() {
      try at("destination_list.destinations[\(index)]") { () throws(Failure) in
        try party(type: destination.type, "destination", destination.destination)
      }
    }
  }

  private static func party(type: String, _ field: String, _ text: String) throws(Failure) {
    guard !type.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "type", "is missing, for example owning_party")
    }
    try optionalValue("type", type, of: .sourceDestinationType)
    _ = try identifier(field, text)
  }

  private static func persistentDisposition(_ disposition: Cairn_V1_PersistentDisposition) throws(Failure) {
    if disposition.hasSet { try dispositions("persistent_disposition.set", disposition.set) }
    if disposition.hasUnset { try dispositions("persistent_disposition.unset", disposition.unset) }
  }

  private static func dispositions(_ field: String, _ list: Cairn_V1_TextList) throws(Failure) {
    try texts(field, list) { path, text throws(Failure) in _ = try value(path, text, of: .disposition) }
  }

  /// A list of texts, each checked under its path; one that was written as a single text has exactly one.
  static func texts(
    _ field: String, _ list: Cairn_V1_TextList, _ check: (String, String) throws(Failure) -> Void
  ) throws(Failure) {
    try count("\(field).values", list.values.count)
    guard !list.scalar || list.values.count == 1 else {
      throw .malformed("INVALID_SCALAR", field: "\(field).scalar", "needs exactly one value, not \(list.values.count)")
    }
    for (index, text) in list.values.enumerated() { try check("\(field).values[\(index)]", text) }
  }

  private static func identifier(_ field: String, _ text: String) throws(Failure) -> String {
    try at(field) { () throws(Failure) in try Identifier(text) }.canonical
  }

  /// The canonical identifier of a read point or business location.
  static func location(
    _ field: String, _ location: Cairn_V1_Location, _ extensions: inout ExtensionRules
  ) throws(Failure) -> String {
    try at(field) { () throws(Failure) in
      try extensions.check("extensions", location.extensions)
      return try at("id") { () throws(Failure) in try Identifier(location.id) }.canonical
    }
  }
}
