import Consortium
import Ledger
import Merkle
import Primitives
import Store
import SwiftProtobuf
import Synchronization
import Wire

/// Makes groups of applied batches last, found and visible; the same whoever decided their order.
final class GroupWriter: Sendable {
  let store: Store
  let views: PublishedView
  let signer: CheckpointSigner
  private let index: PostingIndex
  private let hashes: EventHashIndex?
  private let onCommit: @Sendable ([AppliedBatch]) -> Void
  /// Each author's next number after what is on disk and visible to readers.
  private let nextSequences = Mutex<[KeyID: UInt64]>([:])
  private let takenCount = Atomic<UInt64>(0)
  private let onTrouble: @Sendable (Failure?) -> Void
  /// Why the last group could not be written.
  private let trouble = Mutex<Failure?>(nil)

  init(
    store: Store, index: PostingIndex, hashes: EventHashIndex?, views: PublishedView, signer: CheckpointSigner,
    onCommit: @escaping @Sendable ([AppliedBatch]) -> Void, onTrouble: @escaping @Sendable (Failure?) -> Void
  ) {
    self.store = store
    self.index = index
    self.hashes = hashes
    self.views = views
    self.signer = signer
    self.onCommit = onCommit
    self.onTrouble = onTrouble
  }

  /// Tells of what keeps groups from being written once, when it begins, and of nil when they are written again.
  private func note(_ failure: Failure?) {
    let isNew = trouble.withLock { trouble in
      defer { trouble = failure }
      return trouble?.reason != failure?.reason
    }
    if isNew { onTrouble(failure) }
  }

  /// Whether that is what keeps groups from being written, and was told.
  func isKnown(_ failure: Failure) -> Bool { trouble.withLock { $0?.reason == failure.reason } }

  /// How many records were taken up since the node was started.
  var takenRecordCount: UInt64 { takenCount.load(ordering: .relaxed) }

  /// Counts records that are being taken up.
  func countTaken(_ records: Int) { takenCount.add(UInt64(records), ordering: .relaxed) }

  /// Whether the author has used that number in what readers see.
  func isTaken(_ header: BatchHeader) -> Bool {
    header.sequence < nextSequences.withLock { $0[header.authorKeyID] ?? 1 }
  }

  /// The state on disk, with the index and the view brought up to it.
  func recover() async throws(Failure) -> LedgerState {
    let (state, checkpoint, certificate) = try await store.read { reader in
      guard let checkpoint = try reader.checkpoint() else { throw LedgerReader.corrupt("the stored checkpoint") }
      return (try reader.state(), checkpoint, try reader.certificate())
    }
    try store.feed(index, upTo: state.recordCount)
    views.publish(LedgerView(state, checkpoint: checkpoint, certificate: certificate))
    nextSequences.withLock { $0 = state.chains.mapValues(\.nextSequence) }
    return state
  }

  /// Whether the record that a redaction names is on disk or in one of the batches about to be written.
  func isInLog(_ redaction: Redaction, after pending: [AppliedBatch]) throws(Failure) -> Bool {
    let place = redaction.place
    if let batch = pending.first(where: { $0.position == place.position })?.batch {
      return batch.recordIDs.indices.contains(Int(place.index))
        && batch.recordIDs[Int(place.index)] == redaction.recordID
    }
    return try store.readNow { try $0.recordID(at: place) } == redaction.recordID
  }

  /// Has the indexes forget what led to records that were erased.
  func forget(_ erased: [Posting]?) throws(Failure) {
    try store.erase(erased, from: index)
    if let hashes { try store.erase(erased, from: hashes) }
  }

  /// Makes a group last, and in a consortium how far in the engine's stream it leads; gives the view in which it is
  /// visible. An empty group changes nothing.
  func commit(
    _ applied: [AppliedBatch], _ state: LedgerState, engine: EngineProgress? = nil
  ) async throws(Failure) -> LedgerView {
    guard !applied.isEmpty else { return views.current }
    do throws(Failure) {
      let view = try await write(applied, state, engine: engine)
      note(nil)
      return view
    } catch {
      note(error)
      throw error
    }
  }

  private func write(
    _ applied: [AppliedBatch], _ state: LedgerState, engine: EngineProgress?
  ) async throws(Failure) -> LedgerView {
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    let erased = try await store.append(applied, checkpoint: checkpoint, engine: engine)
    do throws(Failure) {
      for batch in applied {
        try index.append(
          batch.batch.postings, entry: batch.entry, firstOrdinal: batch.firstOrdinal,
          recordCount: batch.batch.records.count)
      }
      try forget(erased)
    } catch {
      throw Failure(
        .unavailable, error.reason,
        "recorded, but not yet to be found: \(error.message); send it again for its receipt",
        retryAfterMilliseconds: 5_000)
    }
    let view = LedgerView(state, checkpoint: checkpoint)
    onCommit(applied)
    views.publish(view)
    nextSequences.withLock { next in
      for batch in applied { next[batch.batch.header.authorKeyID] = batch.batch.header.sequence + 1 }
    }
    return view
  }

  /// The original receipt of a batch that is sent again; for another batch under the same number, the refusal, after
  /// the refused header is kept as evidence. Runs in the task of whoever sent it.
  func recall(_ batch: AdmittedBatch) async throws(Failure) -> Cairn_V1_Receipt {
    let view = views.current
    let author = batch.header.authorKeyID
    let sequence = batch.header.sequence
    guard let recorded = try await store.batch(sequence, of: author, in: view, index: index) else {
      index.markBroken()
      throw Failure(.corrupt, "INDEX_CORRUPT", "batch \(sequence) of key \(author) is in the log but not in the index")
    }
    if recorded.header.digest == batch.header.digest {
      return try await store.read { try $0.receipt(of: recorded, in: view, replayed: true) }
    }
    try await store.record(
      StoredEquivocation(
        author: author, sequence: sequence, position: recorded.position, suite: batch.suite,
        signature: batch.signature, header: batch.header.bytes))
    throw Failure(
      .alreadyExists, "EQUIVOCATION",
      "header.sequence: key \(author) has signed another batch with sequence \(sequence), at log position "
        + "\(recorded.position); one such pair of headers is kept as evidence",
      metadata: ["position": String(recorded.position), "header_digest": recorded.header.digest.description])
  }
}
