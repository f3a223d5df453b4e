import Consortium
package import Ledger
package import Primitives
package import Store
import SwiftProtobuf
import Synchronization
package import Wire

/// The one way into a ledger: checks batches, queues them fairly between members, and has them ordered and written.
///
/// Whoever orders hands the same admitted batches to the same `LedgerState.apply` and the same `GroupWriter`: alone it is
/// the intake itself, in a consortium the engine's stream.
package final class Orderer: Sendable {
  /// Who decides the order.
  private enum Order {
    /// The local intake, by this node's clock.
    case own(@Sendable () -> Instant)
    /// The engine that the members share.
    case shared(SharedOrder)
  }

  private let writer: GroupWriter
  private let order: Order
  private let admission: Admission
  private let intake = Intake()
  private let limiter: RateLimiter
  private let isStalled = Atomic(false)

  /// An orderer over an open store, which decides the order itself. `views` must hold the view of the store's latest state.
  /// `onCommit` is told of each group just before readers can see it, `onTrouble` once of what keeps groups from being
  /// written, and of nil when they are again.
  package convenience init(
    store: Store, index: PostingIndex, hashes: EventHashIndex? = nil, views: PublishedView, signer: CheckpointSigner,
    limits: RateLimits = .none, onCommit: @escaping @Sendable ([AppliedBatch]) -> Void = { _ in },
    onTrouble: @escaping @Sendable (Failure?) -> Void = { _ in },
    clock: @escaping @Sendable () -> Instant
  ) {
    let writer = GroupWriter(
      store: store, index: index, hashes: hashes, views: views, signer: signer, onCommit: onCommit,
      onTrouble: onTrouble)
    self.init(writer, limits, .own(clock))
  }

  /// An orderer over an open store, which follows the order that the members share through `engine`. `report` is told of what
  /// an operator should know.
  package convenience init(
    store: Store, index: PostingIndex, hashes: EventHashIndex? = nil, views: PublishedView, signer: CheckpointSigner,
    engine: any OrderingEngine, seat: ConsortiumSeat, limits: RateLimits = .none,
    onCommit: @escaping @Sendable ([AppliedBatch]) -> Void = { _ in },
    onTrouble: @escaping @Sendable (Failure?) -> Void = { _ in },
    report: @escaping @Sendable (Failure) -> Void, clock: @escaping @Sendable () -> Instant
  ) {
    let writer = GroupWriter(
      store: store, index: index, hashes: hashes, views: views, signer: signer, onCommit: onCommit,
      onTrouble: onTrouble)
    self.init(
      writer, limits, .shared(SharedOrder(writer: writer, engine: engine, seat: seat, clock: clock, report: report)))
  }

  private init(_ writer: GroupWriter, _ limits: RateLimits, _ order: Order) {
    self.writer = writer
    self.order = order
    limiter = RateLimiter(limits)
    admission = Admission(ledgerID: writer.views.current.ledgerID)
  }

  /// Whether batches are taken and written.
  package var isServing: Bool {
    guard intake.isOpen else { return false }
    switch order {
    case .own: return !isStalled.load(ordering: .relaxed)
    case .shared(let order): return order.refusal == nil
    }
  }

  /// Why the node certifies nothing more; nil while it does, and where it is alone.
  package var stop: Failure? { if case .shared(let order) = order { order.certification.summary.stop } else { nil } }

  /// How the node stands in its consortium; nil where it is alone.
  package var status: NodeStatus? { if case .shared(let order) = order { order.status } else { nil } }

  /// One element whenever the node of a consortium begins or ceases to take batches. For one task.
  package var changes: AsyncStream<Void> {
    if case .shared(let order) = order { order.changes } else { AsyncStream { $0.finish() } }
  }

  /// To be called when the engine has come or gone.
  package func engineChanged() { if case .shared(let order) = order { order.engineChanged() } }

  /// Hands in a signed note from anybody, with cosignatures that may be missing here. Nothing happens where the node is alone,
  /// or the note says nothing that counts.
  package func receive(note: String) { if case .shared(let order) = order { order.certification.tell(note: note) } }

  /// The place in the order of the checkpoint of `size` entries, 0 meaning the largest that is final; nil where none is kept.
  /// Fails with NO_ENGINE where the node is alone.
  package func placedCheckpoint(size: UInt64) async throws(Failure) -> PlacedCheckpoint? {
    guard case .shared(let order) = order else {
      throw Failure(.preconditionFailed, "NO_ENGINE", "this node's own writer orders the batches; there is no engine")
    }
    return try await order.placedCheckpoint(size: size)
  }

  /// How many records the writer has taken up since the node was started.
  package var takenRecordCount: UInt64 { writer.takenRecordCount }

  /// The largest batch that is taken, serialized, in bytes.
  package var maxBatchBytes: Int {
    if case .shared = order { SharedOrder.maxBatchBytes } else { Limits.batchBytes }
  }

  /// Checks a batch in the caller's task and puts it into the intake at once. Fails with unavailable INTAKE_FULL when
  /// there is no room for its member, exhausted RATE_LIMITED when its key or member is over a limit; both say when to
  /// try again. Where the engine is away, or the node has stopped following it, it fails with that.
  package func enqueue(_ batch: Cairn_V1_Batch) throws(Failure) -> Ticket {
    let (signed, lane, charge) = try verify(batch)
    if let ticket = try ticketIfRecorded(signed) { return ticket }
    try requireOrder()
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
  package func enqueueWhenRoom(_ batch: Cairn_V1_Batch) async throws(Failure) -> Ticket {
    let (signed, lane, charge) = try verify(batch)
    if let ticket = try ticketIfRecorded(signed) { return ticket }
    try requireOrder()
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
    if case .shared = order { try SharedOrder.requireSize(of: batch) }
    let signed = try admission.verify(batch, directory: writer.views.current.directory)
    let author = signed.author
    let lane = Lane(member: author.memberID, isAdministrative: author.roles.contains(.admin))
    let cost = Cost(records: Int64(signed.header.recordCount), bytes: Int64(signed.byteCount))
    return (signed, lane, limiter.charge(signed.header.authorKeyID, lane: lane, cost: cost))
  }

  private var isShared: Bool { if case .shared = order { true } else { false } }

  private func requireOrder() throws(Failure) {
    if case .shared(let order) = order, let refusal = order.refusal { throw refusal }
  }

  /// A batch whose number is taken is answered beside the intake and costs its author nothing: everyone who can read
  /// a batch can send it again.
  private func ticketIfRecorded(_ signed: SignedBatch) throws(Failure) -> Ticket? {
    guard writer.isTaken(signed.header) else { return nil }
    let batch = try admission.examine(signed)
    let answer = Answer()
    answer.give(.alreadySequenced)
    return ticket(answer, batch)
  }

  private func ticket(_ answer: Answer, _ batch: AdmittedBatch) -> Ticket {
    Ticket(answer, views: writer.views, mayBecomeFinal: isShared) { [writer] () throws(Failure) in
      try await writer.recall(batch)
    }
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
    switch order {
    case .own(let clock): try await writeOwnOrder(clock)
    case .shared(let order): try await order.run(intake)
    }
  }

  private func writeOwnOrder(_ clock: @Sendable () -> Instant) async throws(Failure) {
    var state: LedgerState? = try await writer.recover()
    while let group = await intake.next() {
      writer.countTaken(group.reduce(0) { $0 + $1.batch.records.count })
      do throws(Failure) {
        if state == nil {
          state = try await writer.recover()
          isStalled.store(false, ordering: .relaxed)
        }
        guard var next = state.take() else { continue }
        let verdicts = apply(group, to: &next, at: clock())
        let applied = verdicts.compactMap { verdict -> AppliedBatch? in
          if case .success(.appended(let applied)) = verdict.outcome { return applied }
          return nil
        }
        answer(verdicts, in: try await writer.commit(applied, next))
        state = consume next
      } catch {
        isStalled.store(true, ordering: .relaxed)
        for submission in group { submission.answer.give(.refused(error)) }
      }
    }
  }

  private typealias Applied = (submission: Submission, outcome: Result<LedgerState.Outcome, Failure>)

  private func apply(_ group: [Submission], to state: inout LedgerState, at now: Instant) -> [Applied] {
    var pending: [AppliedBatch] = []
    return group.map { submission in
      do throws(Failure) {
        let outcome = try state.apply(submission.batch, at: now) { redaction throws(Failure) in
          try writer.isInLog(redaction, after: pending)
        }
        if case .appended(let applied) = outcome { pending.append(applied) }
        return (submission, .success(outcome))
      } catch { return (submission, .failure(error)) }
    }
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
}
