import Consensus
import Consortium
import Engine
import Foundation
import Ledger
import Merkle
import Primitives
import Signing
import Store
import Wire

extension SharedOrder {
  /// Messages without a batch after which the place is saved all the same.
  private static let unsavedMessages: UInt64 = 256
  /// Groups that are prepared while one is written.
  private static let preparedGroups = 2

  /// Applies what the engine orders, until cancelled. What passes is tried again; what an operator has to see to ends it.
  func follow(_ names: StreamNames, _ epoch: UInt64) async {
    var fetched = Fetched()
    while !Task.isCancelled {
      do throws(Failure) {
        var course = try await begin(names, epoch, engine)
        set(.following)
        try await apply(&course, engine)
        return
      } catch {
        let error = Self.advised(error)
        pending.refuseAll(error)
        if !writer.isKnown(error) { report(error) }
        if error.reason == "ENGINE_TRIMMED", let fetch = seat.fetch {
          guard await self.fetch(fetch, epoch, &fetched) else { return }
          continue
        }
        if [.conflict, .preconditionFailed, .corrupt].contains(error.kind) { return set(.stopped(error)) }
        set(.stalled(error))
        try? await ContinuousClock().sleep(for: .seconds(1))
      }
    }
  }

  /// Where the node stands between two groups.
  private struct Course {
    /// Nil while a group is written.
    var state: LedgerState?
    var consensus: ConsensusState
    var place: EnginePlace
    /// The place that is on disk.
    var saved: UInt64
    /// Checkpoints since then.
    var placed: [PlacedCheckpoint] = []
  }

  private func begin<Engine: OrderingEngine>(
    _ names: StreamNames, _ epoch: UInt64, _ engine: Engine
  ) async throws(Failure) -> Course {
    let state = try await writer.recover()
    try await requireLatest(epoch, engine)
    let terms = names.terms(replicas: seat.replicas, maxAgeSeconds: seat.maxAgeSeconds)
    // Whether the stream is the one that was read so far, and has all of that, the reader finds out.
    if let place = try await writer.store.read({ try $0.enginePlace() }) {
      reached(place)
      try await engine.requireTerms(terms)
      let consensus = try ConsensusState(place.state)
      marker.applied(logSize: state.edge.size, counted: consensus.nextNumber(of: seat.key.publicKey.id) - 1)
      try await certification.catchUp()
      certification.tell(resumed(at: consensus.checkpointSize), logSize: state.edge.size)
      return Course(state: state, consensus: consensus, place: place, saved: place.sequence)
    }
    let stream = try await engine.ensureStream(terms)
    try await open(epoch, names, stream, engine)
    let consensus = ConsensusState(epoch: epoch)
    let place = EnginePlace(
      epoch: epoch, stream: stream.name, created: stream.created, sequence: 0, stored: nil,
      state: try consensus.serialized)
    // From now on no other stream of that name is this one.
    try await writer.store.save(EngineProgress(to: place))
    reached(place)
    try await certification.catchUp()
    return Course(state: state, consensus: consensus, place: place, saved: 0)
  }

  /// Puts the opening of an epoch after the first at the beginning of its stream, where nobody has yet.
  private func open<Engine: OrderingEngine>(
    _ epoch: UInt64, _ names: StreamNames, _ stream: StreamInfo, _ engine: Engine
  ) async throws(Failure) {
    guard epoch > 1, stream.lastSequence == 0 else { return }
    guard let opening = try writer.store.latestOpening(), opening.epoch == epoch else {
      throw Failure(.corrupt, "OPENING_MISSING", "this node is in epoch \(epoch) and has not kept what opens it")
    }
    let sequence = try engine.post(
      opening.bytes, to: names.batches(of: seat.member), id: "opening-\(epoch)", stream: names.stream)
    _ = try await sequence()
  }

  private func resumed(at size: UInt64) -> [Certification.Event] {
    let view = writer.views.current
    guard (1...view.logSize).contains(size), let root = try? writer.store.readNow({ try $0.root(size: size, in: view) })
    else { return [] }
    return [.resumed(LogPoint(size: size, root: root))]
  }

  /// Reads and checks ahead while it writes.
  private func apply<Engine: OrderingEngine>(_ course: inout Course, _ engine: Engine) async throws(Failure) {
    let messages = engine.messages(
      of: course.place.stream, from: course.place.sequence + 1, created: course.place.created,
      previous: course.place.stored)
    let preparation = Preparation(admission: admission, pending: pending)
    let (slots, slot) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(Self.preparedGroups))
    for _ in 0..<Self.preparedGroups { slot.yield() }
    let (groups, group) = AsyncThrowingStream.makeStream(of: [PreparedMessage].self)
    let reader = Task {
      do {
        var messages = messages.makeAsyncIterator()
        for await _ in slots {
          guard let next = try await messages.next() else { break }
          group.yield(await preparation.prepare(next, writer.views.current.directory))
        }
        group.finish()
      } catch { group.finish(throwing: error) }
    }
    defer { reader.cancel() }
    do {
      for try await next in groups {
        try await write(next, &course)
        slot.yield()
      }
    } catch let failure as Failure { throw failure } catch {
      throw Failure(
        .unavailable, "ENGINE_AWAY", "reading from the engine ended: \(error)", retryAfterMilliseconds: 1_000)
    }
  }

  /// Applies a group, makes it last, and tells everyone.
  private func write(_ messages: [PreparedMessage], _ course: inout Course) async throws(Failure) {
    try requireOpening(messages, of: course.place.epoch)
    guard let last = messages.last, let state = course.state.take() else { return }
    var next = GroupCourse(state: consume state, consensus: course.consensus)
    for message in messages { try next.apply(message, course.place, writer, admission) }
    let place = EnginePlace(
      epoch: course.place.epoch, stream: course.place.stream, created: course.place.created, sequence: last.sequence,
      stored: last.stored, state: try next.consensus.serialized)
    writer.countTaken(next.applied.reduce(0) { $0 + $1.batch.records.count })
    course.placed += next.placed
    let progress = EngineProgress(to: place, skipping: next.skips, checkpoints: course.placed)
    let view = try await writer.commit(next.applied, next.state, engine: progress)
    let isDue = !next.skips.isEmpty || last.sequence - course.saved >= Self.unsavedMessages
    if next.applied.isEmpty, isDue { try await writer.store.save(progress) }
    if !next.applied.isEmpty || isDue { (course.saved, course.placed) = (last.sequence, []) }
    course.state = next.state
    course.consensus = next.consensus
    course.place = place
    reached(place, placed: course.placed, skipping: next.skips.count)
    certification.tell(next.events, logSize: view.logSize)
    marker.applied(
      logSize: view.logSize, counted: next.consensus.nextNumber(of: seat.key.publicKey.id) - 1)
    await answer(next.verdicts, in: view)
    pending.answered(upTo: last.sequence)
  }

  private func answer(_ verdicts: [GroupCourse.Verdict], in view: LedgerView) async {
    for verdict in verdicts {
      let waiting = pending.take(verdict.digest)
      for submission in waiting {
        switch verdict.outcome {
        case .success(.appended(let applied)): submission.answer.give(.recorded(Cairn_V1_Receipt(applied, in: view)))
        case .success(.alreadySequenced): submission.answer.give(.alreadySequenced)
        case .failure(let failure): submission.answer.give(.refused(failure))
        }
      }
      // Nobody here asks for the receipt; if it is another batch under a number that is taken, it is kept as evidence.
      if waiting.isEmpty, case .success(.alreadySequenced) = verdict.outcome, let batch = verdict.batch {
        _ = try? await writer.recall(batch)
      }
    }
  }
}
