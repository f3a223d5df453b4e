import Primitives
import Wire

/// The event has an error declaration of this kind.
struct ErrorDeclarationCondition: EventCondition {
  private let reasons: Set<String>
  private let correctiveEventIDs: Set<String>
  private let time: TimeRange

  init(_ wire: Cairn_V1_ErrorDeclarationFilter) throws(Failure) {
    reasons = try FilterValues.values("reasons", wire.reasons, of: .errorReason)
    correctiveEventIDs = try FilterValues.names("corrective_event_ids", wire.correctiveEventIds)
    time = try FilterValues.timeRange(
      "time", wire.hasTimeFrom ? wire.timeFrom : nil, wire.hasTimeBefore ? wire.timeBefore : nil)
  }

  func holds(for event: ValidatedEvent) -> Bool {
    guard event.event.hasErrorDeclaration else { return false }
    let declaration = event.event.errorDeclaration
    return (reasons.isEmpty || Vocabulary.contains(reasons, declaration.reason, of: .errorReason))
      && (correctiveEventIDs.isEmpty
        || declaration.correctiveEventIds.values.contains(where: correctiveEventIDs.contains))
      && time.contains(text: declaration.declarationTime)
  }
}

extension TimeRange {
  /// Whether it holds the time that a text says; a text that is no time only where every instant is wanted.
  func contains(text: String) -> Bool {
    isUnbounded || (try? Timestamp(text).instant).map(contains) == true
  }
}
