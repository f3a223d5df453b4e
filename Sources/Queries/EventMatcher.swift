import Primitives
import Provenance
import Store
import Wire

/// Finds out which records hold events that a filter wants, by what they say and by what the caller may know of what they
/// name.
///
/// Where more master data would have to be looked at than one answer may, the answer ends before the event that needs it,
/// and the next one begins with it. Only what that event alone needs beyond an answer's budget counts as not described.
struct EventMatcher {
  /// What a record is to the filter.
  enum Match {
    case wanted(Cairn_V1_RecordedEvent)
    case unwanted
    /// The next answer tells.
    case undecided
  }

  private let filter: EventFilter
  private var assembler: EventAssembler
  private var known: KnownSubjects

  /// Master data is what stands below the number `end`.
  init(
    _ filter: EventFilter, _ descriptions: Descriptions, _ reader: LedgerReader, end: UInt64,
    budget: DescriptionSearch.Budget = .answer
  ) {
    self.filter = filter
    assembler = EventAssembler(descriptions.scope)
    known = KnownSubjects(descriptions, reader, end: end, budget: budget)
  }

  /// Whether the caller may read the record.
  mutating func mayRead(_ record: StoredRecord) throws -> Bool { try assembler.mayRead(record) }

  /// What a record is that the caller may read.
  mutating func match(_ record: StoredRecord) throws -> Match {
    guard let event = try assembler.event(record, thatMayMatch: filter) else { return .unwanted }
    if filter.asksForMasterData {
      let isFirst = known.isEmpty
      let isWanted = try filter.matches(event, by: &known)
      guard known.hasBudget || isFirst else { return .undecided }
      guard isWanted else { return .unwanted }
    }
    return .wanted(try assembler.event(event, of: record))
  }
}
