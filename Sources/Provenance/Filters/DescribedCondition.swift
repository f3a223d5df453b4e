/// A condition that an event alone does not always decide: what master data says of the things that it names does.
protocol DescribedCondition: Sendable {
  /// The filter's field, by its proto name.
  var field: String { get }
  /// Whether the event meets it by what it says itself; nil where master data decides.
  func holds(for event: ValidatedEvent) -> Bool?
  /// Whether the event meets it by what is known of what it names.
  func holds(for event: ValidatedEvent, by source: inout some MasterDataSource) throws -> Bool
}
