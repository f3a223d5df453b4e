import Ledger
import Provenance
import Store

extension EventFilter {
  /// Index keys of one indexed field that is given; empty when none is. Every event that matches has one of them.
  var terms: [UInt64] { indexed.first?.map(\.term.rawValue) ?? [] }

  /// Index keys of the most selective field that is given, as far as the index can tell without reading.
  func terms(in index: PostingIndex) -> [UInt64] {
    let alternatives = indexed.map { $0.map(\.term.rawValue) }
    guard alternatives.count > 1 else { return alternatives.first ?? [] }
    let counted = alternatives.map { terms in (terms, terms.reduce(0) { $0 + index.estimatedCount(of: $1) }) }
    return counted.min { $0.1 < $1.1 }?.0 ?? []
  }
}

extension IndexedValue {
  /// The index key that leads to it.
  var term: Term {
    switch self {
    case .item(let text): .item(text)
    case .readPoint(let text): .readPoint(text)
    case .bizLocation(let text): .bizLocation(text)
    case .eventID(let text): .eventID(text)
    case .bizTransaction(let text): .bizTransaction(text)
    case .transformationID(let text): .transformationID(text)
    }
  }
}
