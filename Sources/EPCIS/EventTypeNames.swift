import Wire

/// The names of the event types in JSON-LD.
enum EventTypeNames {
  private static let pairs: [(Cairn_V1_EventType, String)] = [
    (.object, "ObjectEvent"), (.aggregation, "AggregationEvent"), (.transaction, "TransactionEvent"),
    (.transformation, "TransformationEvent"), (.association, "AssociationEvent"),
  ]

  static var all: [String] { pairs.map(\.1) }

  static func type(_ name: String) -> Cairn_V1_EventType? { pairs.first { $0.1 == name }?.0 }

  static func name(_ type: Cairn_V1_EventType) -> String? { pairs.first { $0.0 == type }?.1 }
}
