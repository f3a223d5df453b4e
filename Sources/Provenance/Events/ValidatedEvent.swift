package import Primitives
package import Wire

/// An event that keeps every rule which can be checked without knowing the ledger (EPCIS 2.0.1 and the proto's limits).
///
/// Levels of identifiers are not enforced, as they are not by GS1's own JSON schema: a lot in an EPC list is accepted.
package struct ValidatedEvent: Sendable {
  /// The event as it was sent.
  package let event: Cairn_V1_Event
  /// When it happened.
  package let eventTime: Instant
  /// Every item and class it speaks of, each once in a role, in the order of the proto's fields.
  package let items: [MentionedItem]
  /// The read point in canonical form.
  package let readPoint: String?
  /// The business location in canonical form.
  package let bizLocation: String?
  /// The business step in canonical form.
  package let bizStep: String?
  /// The disposition in canonical form.
  package let disposition: String?
  /// The business transactions in canonical form, each once.
  package let bizTransactions: [String]

  /// Checks everything; a failure is malformed and names the field by its proto path, such as `epc_list.items[0]`.
  package init(_ event: Cairn_V1_Event) throws(Failure) {
    var extensions = ExtensionRules()
    self.event = event
    try Rules.shape(event)
    eventTime = try Rules.eventTime(event)
    items = try MentionedItems(event).items
    bizStep = try Self.value("biz_step", event.bizStep, of: .bizStep)
    disposition = try Self.value("disposition", event.disposition, of: .disposition)
    readPoint =
      event.hasReadPoint ? try Rules.location("read_point", event.readPoint, &extensions) : nil
    bizLocation =
      event.hasBizLocation ? try Rules.location("biz_location", event.bizLocation, &extensions) : nil
    try Rules.optionalURI("event_id", event.eventID)
    try Rules.optionalTime("record_time", event.recordTime)
    if event.type == .transformation { try Rules.optionalURI("transformation_id", event.transformationID) }
    bizTransactions = try Rules.businessContext(event)
    try Rules.remainder(event, &extensions)
  }

  private static func value(
    _ field: String, _ text: String, of vocabulary: Vocabulary
  ) throws(Failure) -> String? {
    text.isEmpty ? nil : try Rules.value(field, text, of: vocabulary)
  }
}
