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
  /// An answer to other questions is given so many bytes of descriptions.
  static let maxBytes = 1 << 20
  /// Most of the other members that an entry names.
  static let maxOthers = 100
  /// Versions looked at from each end of a subject's list.
  static let maxVersionsFromEachEnd = 500

  let index: PostingIndex
  let scope: ReadingScope
  let time: Instant

  /// The subjects that the events name and somebody describes, and what those are a part of; places and parties first.
  func entries(
    describing events: [Cairn_V1_Event], _ reader: LedgerReader, end: UInt64
  ) throws -> [Cairn_V1_MasterDataEntry] {
    try entries(of: events.flatMap(\.namesOfPlacesAndParties) + events.flatMap(\.namesOfItems), reader, end: end)
  }

  /// The subjects among `names`, written in any way, that somebody describes, and what those are a part of; by the records
  /// below the number `end`.
  func entries(
    of names: [String], _ reader: LedgerReader, end: UInt64
  ) throws -> [Cairn_V1_MasterDataEntry] {
    var search = DescriptionSearch(self, reader, end: end)
    var entries: [Cairn_V1_MasterDataEntry] = []
    var (known, seen, bytes) = (Set<String>(), Set<String>(), 0)
    for name in names where seen.insert(name).inserted {
      var rest = ((try? Identifier(name))?.subjects ?? [])[...]
      while let subject = rest.popFirst() {
        guard known.count < Self.maxNames, bytes < Self.maxBytes, search.hasBudget else { return entries }
        guard known.insert(subject).inserted else { continue }
        let description = try search.description(of: subject)
        guard let entry = description.entry else { continue }
        entries.append(entry)
        bytes += description.standing.first?.byteCount ?? 0
        if let parent = try? Identifier(entry.shown.masterData.parent) { rest.append(parent.canonical) }
      }
    }
    return entries
  }
}
