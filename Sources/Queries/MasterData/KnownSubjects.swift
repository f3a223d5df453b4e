import Provenance
import Store
import Wire

/// What a caller may know of subjects, each looked up once an answer.
struct KnownSubjects: MasterDataSource {
  /// Most bytes of descriptions that one answer keeps.
  static let maxBytes = 8 << 20
  /// Most subjects looked up for one answer, described or not.
  static let maxSubjects = 10_000

  private var search: DescriptionSearch
  private var known: [String: Cairn_V1_MasterData?] = [:]
  private var bytes = 0

  /// By the records below the number `end`.
  init(_ descriptions: Descriptions, _ reader: LedgerReader, end: UInt64, budget: DescriptionSearch.Budget) {
    search = DescriptionSearch(descriptions, reader, end: end, budget: budget)
  }

  /// Whether nothing was looked up yet.
  var isEmpty: Bool { known.isEmpty }

  /// Whether there is still something that may be looked up.
  var hasBudget: Bool { search.hasBudget && known.count < Self.maxSubjects && bytes < Self.maxBytes }

  mutating func masterData(of subject: String) throws -> Cairn_V1_MasterData? {
    if let data = known[subject] { return data }
    guard hasBudget else { return nil }
    let shown = try search.description(of: subject).standing.first
    bytes += shown?.byteCount ?? 0
    known[subject] = .some(shown?.recorded.masterData)
    return shown?.recorded.masterData
  }
}
