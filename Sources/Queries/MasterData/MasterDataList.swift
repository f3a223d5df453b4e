import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// The subjects of one kind, or of any, in the order of the first versions that the caller may read.
struct MasterDataList {
  private static let slice = 128

  private let descriptions: Descriptions
  private let kind: Cairn_V1_MasterDataKind
  private let end: UInt64

  /// By the records below the number `end`.
  init(_ descriptions: Descriptions, kind: Cairn_V1_MasterDataKind, end: UInt64) {
    self.descriptions = descriptions
    self.kind = kind
    self.end = end
  }

  /// At most `limit` subjects whose first version is the record `start` or a later one, about a megabyte; and where to go on.
  /// However little the budget allows, one record is looked at, so that pages come to an end.
  func page(
    from start: UInt64, limit: Int, _ reader: LedgerReader
  ) throws -> (entries: [Cairn_V1_MasterDataEntry], next: UInt64?) {
    var search = DescriptionSearch(descriptions, reader, end: end)
    var (entries, bytes, next) = ([Cairn_V1_MasterDataEntry](), 0, start)
    var seen: Set<String> = []
    while true {
      let ordinals = try descriptions.index.ordinals(
        matching: [Term.allMasterData.rawValue], after: next == 0 ? nil : next - 1, below: end, limit: Self.slice)
      for record in try reader.records(ordinals: ordinals) {
        guard entries.count < limit, bytes < Descriptions.maxBytes, search.hasBudget else { return (entries, next) }
        next = record.ordinal + 1
        guard let version = try search.version(record), seen.insert(version.data.subject).inserted,
          try search.first(of: version.data.subject) == record.ordinal,
          let entry = try search.description(of: version.data.subject).entry,
          kind == .unspecified || kind == entry.shown.masterData.kind
        else { continue }
        entries.append(entry)
        bytes += record.bytes.count
      }
      if ordinals.count < Self.slice { return (entries, nil) }
    }
  }
}
