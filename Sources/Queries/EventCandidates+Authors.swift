import Consortium
import Ledger
import Primitives
import Provenance
import Store

/// Where only the authors are known: their batches one after the other.
extension EventCandidates {
  /// The chunk that holds `cursor` if one of the authors signed it, otherwise the first of their next batch.
  func authored(from cursor: UInt64) throws -> Step {
    guard let here = try reader.chunk(containing: cursor), let batch = try reader.batch(at: here.position) else {
      return Step()
    }
    if filter.authors.contains(batch.header.authorKeyID) {
      return Step(records: here.records(from: cursor), next: here.end)
    }
    var after = batch.firstOrdinal
    while let ordinal = try index.ordinals(matching: authorTerms, after: after, below: window.upperBound, limit: 1)
      .first
    {
      if let chunk = try reader.chunk(containing: ordinal), try isAuthored(chunk) {
        return Step(records: chunk.records(from: ordinal), next: chunk.end)
      }
      after = ordinal
    }
    return Step()
  }

  /// The chunk that ends before `cursor` if one of the authors signed it, otherwise the last of their batch before it.
  func authored(below cursor: UInt64) throws -> Step {
    guard let here = try reader.chunk(containing: cursor - 1), let batch = try reader.batch(at: here.position) else {
      return Step()
    }
    if filter.authors.contains(batch.header.authorKeyID) {
      return Step(records: here.records(below: cursor), next: here.firstOrdinal)
    }
    var below = batch.firstOrdinal
    while let ordinal = try index.ordinals(
      matching: authorTerms, below: below, order: .newestFirst, limit: 1
    ).first {
      if let chunk = try reader.chunk(containing: ordinal), try isAuthored(chunk),
        let entry = try reader.entry(at: chunk.position)
      {
        return Step(next: entry.firstOrdinal + UInt64(entry.recordCount))
      }
      below = ordinal
    }
    return Step()
  }

  private var authorTerms: [UInt64] { filter.authors.map { Term.author($0).rawValue } }

  private func isAuthored(_ chunk: StoredChunk) throws -> Bool {
    try reader.batch(at: chunk.position).map { filter.authors.contains($0.header.authorKeyID) } ?? false
  }
}
