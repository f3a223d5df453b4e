import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// The ledger's events as one caller may read them, for one answer: all from one view. A record is parsed once.
///
/// Any number of records that the caller may not read is passed over, so that no limit tells how many there are.
struct LedgerEventSource: EventSource {
  /// Most events given of one name.
  static let maximumEvents = 10_000
  /// Most bytes of records that one answer is computed from.
  static let maximumBytes = 32 << 20

  private static let namesAtOnce = 1_000
  /// A name with as many postings is looked up on its own.
  private static let manyPostings = 64
  private static let pagePostings = 1_024
  private static let recordsAtOnce = 256

  /// An event that was found.
  struct Found {
    let placed: PlacedEvent
    let record: StoredRecord
  }

  let store: Store
  let view: LedgerView
  let scope: ReadingScope
  private let index: PostingIndex
  private let loan: ReadingAllowance.Loan
  private var assembler: EventAssembler
  private var found: [UInt64: Found] = [:]
  /// Events that were read and may be, whether anybody looked for them or not.
  private var readCount = 0

  init(store: Store, index: PostingIndex, view: LedgerView, scope: ReadingScope, loan: ReadingAllowance.Loan) {
    self.store = store
    self.index = index
    self.view = view
    self.scope = scope
    self.loan = loan
    assembler = EventAssembler(scope)
  }

  /// Every event that was given, by its place.
  var events: [EventPlace: Found] {
    Dictionary(found.values.map { ($0.placed.place, $0) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func mentions(of items: [String]) async throws -> [Mentions] { try await find(items, .items) }

  mutating func transformations(_ ids: [String]) async throws -> [Mentions] { try await find(ids, .transformations) }

  private mutating func find(_ names: [String], _ naming: Naming) async throws -> [Mentions] {
    var answer: [Mentions] = []
    for start in stride(from: 0, to: names.count, by: Self.namesAtOnce) {
      answer += try await findTogether(names[start..<min(start + Self.namesAtOnce, names.count)], naming)
    }
    return answer
  }

  private mutating func findTogether(_ names: ArraySlice<String>, _ naming: Naming) async throws -> [Mentions] {
    let terms = names.map(naming.terms)
    let postings = try await index.ordinals(
      ofEach: terms.flatMap(\.self), below: view.recordCount, limit: Self.manyPostings)
    var (few, many): ([String], [(name: String, terms: [UInt64])]) = ([], [])
    var ordinals: Set<UInt64> = []
    var next = postings.startIndex
    for (name, terms) in zip(names, terms) {
      let own = postings[next..<next + terms.count]
      next += terms.count
      if own.contains(where: { $0.count == Self.manyPostings }) {
        many.append((name, terms))
      } else {
        few.append(name)
        for part in own { ordinals.formUnion(part) }
      }
    }
    var answer = Gathering(few, naming)
    try await look(at: ordinals.sorted(), for: &answer)
    for (name, terms) in many { answer.add(try await findMany(name, terms, naming)) }
    return answer.mentions(of: names)
  }

  /// What mentions a name that many records mention.
  private mutating func findMany(_ name: String, _ terms: [UInt64], _ naming: Naming) async throws -> Gathering {
    var answer = Gathering([name], naming)
    var page: [UInt64] = []
    let readBefore = readCount
    repeat {
      page = try index.ordinals(
        matching: terms, after: page.last, below: view.recordCount, limit: Self.pagePostings)
      try await look(at: page, for: &answer)
      if readCount - readBefore > Self.maximumEvents { answer.cutOff(name) }
    } while page.count == Self.pagePostings && !answer.isCutOff(name)
    return answer
  }

  /// Hands on what the records with these numbers, ascending, say of the names that are looked for.
  private mutating func look(at ordinals: [UInt64], for answer: inout Gathering) async throws {
    for start in stride(from: 0, to: ordinals.count, by: Self.recordsAtOnce) {
      try Task.checkCancellation()
      let part = ordinals[start..<min(start + Self.recordsAtOnce, ordinals.count)]
      var records = try await store.records(ordinals: part.filter { found[$0] == nil }, in: view)[...]
      for ordinal in part {
        if let event = found[ordinal] {
          _ = answer.add(event.placed)
        } else if let record = records.popFirst() {
          try examine(record, for: &answer)
        }
      }
    }
  }

  private mutating func examine(_ record: StoredRecord, for answer: inout Gathering) throws {
    let withheld = try assembler.withheld(record)
    guard withheld != .redacted, case .provenance(let event) = try? ParsedRecord(record.bytes).body else { return }
    if withheld != nil { return answer.hide(event) }
    readCount += 1
    let batch = try assembler.batch(of: record)
    let placed = PlacedEvent(
      place: EventPlace(record), event: event, ledgerTime: batch.ledgerTime,
      member: scope.directory.keys[batch.author]?.memberID)
    guard answer.add(placed) else { return }
    found[record.ordinal] = Found(placed: placed, record: record)
    try loan.take(record.bytes.count)
    guard loan.bytes <= Self.maximumBytes else {
      throw Failure(
        .preconditionFailed, "TRACE_TOO_LARGE",
        "the answer is computed from more than \(Self.maximumBytes >> 20) MiB of records; ask for less: with a lower "
          + "maximum_depth or maximum_nodes, with as_of, or in one direction")
    }
  }
}
