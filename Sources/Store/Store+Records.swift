package import Primitives

extension Store {
  /// The records with these running numbers, in the order given, read over all of the pool's connections at once.
  ///
  /// Each connection may see a later state than the one before: the log below `view.recordCount` is the same in all of
  /// them, but a record that was erased meanwhile has no bytes. Throws outOfRange BEYOND_VIEW for a number outside the view.
  /// Holds all of the records in memory: ask for thousands, not for millions.
  package func records(ordinals: [UInt64], in view: LedgerView) async throws(Failure) -> [StoredRecord] {
    let sorted = Set(ordinals).sorted()
    guard sorted.last ?? 0 < view.recordCount else {
      throw Failure(
        .outOfRange, "BEYOND_VIEW", "record number \(sorted.last ?? 0) was asked for in a view of \(view.recordCount)")
    }
    let records: [StoredRecord]
    do {
      records = try await sorted.inParallel(upTo: Self.maximumReaders) { part in
        try readNow { try $0.records(ordinals: Array(part)) }
      } many: { part in
        try await self.read { try $0.records(ordinals: Array(part)) }
      }
    } catch { throw Failure(storage: error) }
    if sorted == ordinals { return records }
    let places = Dictionary(zip(sorted, records), uniquingKeysWith: { first, _ in first })
    return ordinals.compactMap { places[$0] }
  }
}
