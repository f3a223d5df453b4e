import Ledger
import Primitives
import Provenance
import Store
import Wire

/// What members say of subjects at a time, as far as a caller may read it.
///
/// Of a subject's versions the first 500 and the last 500 that the caller may read are looked at, so that neither a claim
/// nor what came of it is lost. For one answer no more than 20,000 records that the caller may read are looked at, and
/// 100,000 that it may not; what is named after that stays a code.
struct Descriptions: Sendable {
  /// Most names that one answer looks up.
  static let maxNames = 1_000
  /// An answer to other questions is given so many bytes of descriptions, about.
  static let maxBytes = 1 << 20
  /// The same for an answer with proofs, which need the room (stock clients accept 4 MiB).
  static let maxBytesBesideProofs = 256 << 10
  /// Most of the other members that an entry names.
  static let maxOthers = 100
  /// Versions looked at from each end of a subject's list.
  static let maxVersionsFromEachEnd = 500

  let index: PostingIndex
  let scope: ReadingScope
  let time: Instant

  /// The subjects that the events name and somebody describes, and what those are a part of; places and parties first.
  func entries(
    describing events: [Cairn_V1_Event], _ reader: LedgerReader, end: UInt64, besideProofs: Bool
  ) throws -> [Cairn_V1_MasterDataEntry] {
    try entries(
      of: events.flatMap(\.namesOfPlacesAndParties) + events.flatMap(\.namesOfItems), reader, end: end,
      bytes: besideProofs ? Self.maxBytesBesideProofs : Self.maxBytes)
  }

  /// All postings below the number `end` of the subjects among `names` that have few, none among them: looked up together.
  func postings(of names: [String], end: UInt64) async throws(Failure) -> [String: [UInt64]] {
    var (subjects, seen) = ([String](), Set<String>())
    for name in names where subjects.count < Self.maxNames {
      subjects += ((try? Identifier(name))?.subjects ?? []).filter { seen.insert($0).inserted }
    }
    let found = try await index.ordinals(
      ofEach: subjects.map { Term.masterData($0).rawValue }, below: end, limit: DescriptionSearch.slice)
    return Dictionary(zip(subjects, found).filter { $0.1.count < DescriptionSearch.slice }) { first, _ in first }
  }

  /// The subjects among `names`, written in any way, that somebody describes, and what those are a part of; by the records
  /// below the number `end`.
  func entries(
    of names: [String], _ reader: LedgerReader, end: UInt64, bytes limit: Int = maxBytes,
    postings: [String: [UInt64]] = [:]
  ) throws -> [Cairn_V1_MasterDataEntry] {
    var search = DescriptionSearch(self, reader, end: end, postings: postings)
    var entries: [Cairn_V1_MasterDataEntry] = []
    var (known, seen, bytes) = (Set<String>(), Set<String>(), 0)
    for name in names where seen.insert(name).inserted {
      var rest = ((try? Identifier(name))?.subjects ?? [])[...]
      while let subject = rest.popFirst() {
        guard known.count < Self.maxNames, bytes < limit, search.hasBudget else { return entries }
        guard known.insert(subject).inserted else { continue }
        let description = try search.description(of: subject)
        guard let entry = description.entry else { continue }
        entries.append(entry)
        bytes += (description.standing.first?.byteCount ?? 0) + entry.others.reduce(256) { $0 + $1.utf8.count }
        if let parent = try? Identifier(entry.shown.masterData.parent) { rest.append(parent.canonical) }
      }
    }
    return entries
  }
}
