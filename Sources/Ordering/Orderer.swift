import Consortium
package import Ledger
import Merkle
package import Primitives
package import Store
import Synchronization
import SwiftProtobuf
package import Wire

/// Decides the order of batches and makes it last: embedded mode, where the local writer's order is the ledger's.
///
/// This is the seam at which a distributed engine will take its place: whoever orders hands the same admitted batches
/// to the same `LedgerState.apply`.
package final class Orderer: Sendable {
  private let store: Store
  private let index: PostingIndex
  private let hashes: EventHashIndex?
  private let views: PublishedView
  private let signer: CheckpointSigner
  private let admission: Admission
  private let clock: @Sendable () -> Instant
  private let onCommit: @Sendable ([AppliedBatch]) -> Void
  private let intake = Intake()
  private let limiter: RateLimiter
  /// Each author's next number after what is on disk and visible to readers.
  private let nextSequences = Mutex<[KeyID: UInt64]>([:])
  private let isStalled = Atomic(false)
  private let takenCount = Atomic<UInt64>(0)

  /// An orderer over an open store. `views` must hold the view of the store's latest state. `onCommit` is told of each group
  /// just before readers can see it.
  package init(
    store: Store, index: PostingIndex, hashes: EventHashIndex? = nil, views: PublishedView, signer: CheckpointSigner,
    limits: RateLimits = .none, onCommit: @escaping @Sendable ([AppliedBatch]) -> Void = { _ in },
    clock: @escaping @Sendable () -> Instant
  ) {
    self.store = store
    self.index = index
    self.hashes = hashes
    self.views = views
    self.signer = signer
    self.clock = clock
    self.onCommit = onCommit
    limiter = RateLimiter(limits)
    admission = Admission(ledgerID: views.current.ledgerID)
  }

  /// Whether batches are taken and written.
  package var isServing: Bool { intake.isOpen && !isStalled.load(ordering: .relaxed) }

  /// How many records the writer has taken up since the node was started.
  package var takenRecordCount: UInt64 { takenCount.load(ordering: .relaxed) }

  /// Checks a batch in the caller's task and puts it into the intake at once. Fails with unavailable INTAKE_FULL when
  /// there is no room for its member, exhausted RATE_LIMITED when its key or member is over a limit; both say when to
  /// try again. A node that is alone is its own quorum, so every level of finality is reached by the same group
  /// commit.
  package func enqueue(_ batch: Cairn_V1_Batch, waitFor: Cairn_V1_Finality) throws(Failure) -> Ticket {
    let (signed, lane, charge) = try verify(batch)
    if let ticket = try ticketIfRecorded(signed) { return ticket }
    try intake.requireRoom(lane)
    try limiter.pay(charge)
    let submission = Submission(batch: try admission.examine(signed), lane: lane)
    do { try intake.offer(submission) } catch {
      limiter.giveBack(charge)
      throw error
    }
    return ticket(submission.answer, submission.batch)
  }

  /// Checks a batch in the caller's task and puts it into the intake as soon as the limits of its key and its member
  /// allow it and there is room.
  package func enqueueWhenRoom(_ batch: Cairn_V1_Batch, waitFor: Cairn_V1_Finality) async throws(Failure) -> Ticket {
    let (signed, lane, charge) = try verify(batch)
    if let ticket = try ticketIfRecorded(signed) { return ticket }
    try await limiter.payInTime(charge)
    let submission = Submission(batch: try admission.examine(signed), lane: lane)
    do { try await intake.offerWhenRoom(submission) } catch {
      limiter.giveBack(charge)
      throw error
    }
    return ticket(submission.answer, submission.batch)
  }

  /// Who pays is only known once the signature is verified: nobody is charged for what others sign. The records,
  /// which cost far more to check, are looked at only after it is paid.
  private func verify(_ batch: Cairn_V1_Batch) throws(Failure) -> (SignedBatch, Lane, RateLimiter.Charge) {
    let signed = try admission.verify(batch, directory: views.current.directory)
    let author = signed.author
    let lane = Lane(member: author.memberID, isAdministrative: author.roles.contains(.admin))
    let cost = Cost(records: Int64(signed.header.recordCount), bytes: Int64(signed.byteCount))
    return (signed, lane, limiter.charge(signed.header.authorKeyID, lane: lane, cost: cost))
  }

  /// A batch whose number is taken is answered beside the intake and costs its author nothing: everyone who can read
  /// a batch can send it again.
  private func ticketIfRecorded(_ signed: SignedBatch) throws(Failure) -> Ticket? {
    let header = signed.header
    guard header.sequence < nextSequences.withLock({ $0[header.authorKeyID] ?? 1 }) else { return nil }
    let batch = try admission.examine(signed)
    let answer = Answer()
    answer.give(.alreadySequenced)
    return ticket(answer, batch)
  }

  private func ticket(_ answer: Answer, _ batch: AdmittedBatch) -> Ticket {
    Ticket(answer) { () throws(Failure) in try await self.recall(batch) }
  }

  /// Takes no more batches; `run` returns when those already taken are written.
  package func close() { intake.close() }

  /// The single writer: owns the ledger's state and writes group by group until closed. An answer is given only after
  /// the group it belongs to is on disk, indexed and visible to readers. A group that cannot be written is refused as
  /// a whole; the writer then takes up the state that is on disk.
  package func run() async throws(Failure) {
    defer {
      intake.abandon(Failure(.unavailable, "WRITER_STOPPED", "this node's writer has stopped; its log says why"))
    }
    var state: LedgerState? = try await recover()
    while let group = await intake.next() {
      takenCount.add(group.reduce(0) { $0 + UInt64($1.batch.records.count) }, ordering: .relaxed)
      do throws(Failure) {
        if state == nil { state = try await recover() }
        guard var next = state.take() else { continue }
        let verdicts = apply(group, to: &next)
        answer(verdicts, in: try await commit(verdicts, next))
        state = consume next
      } catch {
        isStalled.store(true, ordering: .relaxed)
        for submission in group { submission.answer.give(.refused(error)) }
      }
    }
  }

  /// The state on disk, with the index and the view brought up to it.
  private func recover() async throws(Failure) -> LedgerState {
    let (state, checkpoint) = try await store.read { reader in
      guard let checkpoint = try reader.checkpoint() else { throw LedgerReader.corrupt("the stored checkpoint") }
      return (try reader.state(), checkpoint)
    }
    try store.feed(index, upTo: state.recordCount)
    views.publish(LedgerView(state, checkpoint: checkpoint))
    nextSequences.withLock { $0 = state.chains.mapValues(\.nextSequence) }
    isStalled.store(false, ordering: .relaxed)
    return state
  }

  private typealias Applied = (submission: Submission, outcome: Result<LedgerState.Outcome, Failure>)

  private func apply(_ group: [Submission], to state: inout LedgerState) -> [Applied] {
    let now = clock()
    var pending: [AppliedBatch] = []
    return group.map { submission in
      do throws(Failure) {
        let outcome = try state.apply(submission.batch, at: now) { redaction throws(Failure) in
          try isInLog(redaction, after: pending)
        }
        if case .appended(let applied) = outcome { pending.append(applied) }
        return (submission, .success(outcome))
      } catch { return (submission, .failure(error)) }
    }
  }

  /// Whether the record that a redaction names is on disk or in one of the batches about to be written.
  private func isInLog(_ redaction: Redaction, after pending: [AppliedBatch]) throws(Failure) -> Bool {
    let place = redaction.place
    if let batch = pending.first(where: { $0.position == place.position })?.batch {
      return batch.recordIDs.indices.contains(Int(place.index))
        && batch.recordIDs[Int(place.index)] == redaction.recordID
    }
    return try store.readNow { try $0.recordID(at: place) } == redaction.recordID
  }

  /// Makes a group last; gives the view in which it is visible.
  private func commit(_ verdicts: [Applied], _ state: LedgerState) async throws(Failure) -> LedgerView {
    let applied = verdicts.compactMap { verdict -> AppliedBatch? in
      if case .success(.appended(let applied)) = verdict.outcome { return applied }
      return nil
    }
    guard !applied.isEmpty else { return views.current }
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    let erased = try await store.append(applied, checkpoint: checkpoint)
    do throws(Failure) {
      for batch in applied {
        try index.append(
          batch.batch.postings, entry: batch.entry, firstOrdinal: batch.firstOrdinal,
          recordCount: batch.batch.records.count)
      }
      try store.erase(erased, from: index)
      if let hashes { try store.erase(erased, from: hashes) }
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

  private func answer(_ verdicts: [Applied], in view: LedgerView) {
    for (submission, outcome) in verdicts {
      switch outcome {
      case .success(.appended(let applied)):
        submission.answer.give(.recorded(Cairn_V1_Receipt(applied, in: view)))
      case .success(.alreadySequenced): submission.answer.give(.alreadySequenced)
      case .failure(let failure): submission.answer.give(.refused(failure))
      }
    }
  }

  /// The original receipt of a batch that is sent again; for another batch under the same number, the refusal, after
  /// the refused header is kept as evidence. Runs in the task of whoever sent it.
  private func recall(_ batch: AdmittedBatch) async throws(Failure) -> Cairn_V1_Receipt {
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
        + "\(recorded.position); both headers are kept as evidence",
      metadata: ["position": String(recorded.position), "header_digest": recorded.header.digest.description])
  }
}
