import Checkpoints
import Consensus
import Consortium
import Engine
import Foundation
import Ledger
import Primitives
import Signing
import Store
import SwiftProtobuf
import Synchronization
import Wire

/// The order that the members share: batches go to the engine, come back in their place, and are written like on every
/// other node.
final class SharedOrder: Sendable {
  private struct State {
    var standing = NodeStatus.Standing.starting
    var epoch: UInt64 = 1
    var place: EnginePlace?
    /// Checkpoints that are not on disk yet.
    var placed: [PlacedCheckpoint] = []
    var skipped: UInt64 = 0
  }

  let writer: GroupWriter
  let engine: any OrderingEngine
  let seat: ConsortiumSeat
  let pending = PendingBatches()
  let marker: Marker
  let certification: Certification
  let admission: Admission
  let report: @Sendable (Failure) -> Void
  private let state = Mutex(State())
  private let changed: AsyncStream<Void>.Continuation
  /// One element whenever it begins or ceases to take batches.
  let changes: AsyncStream<Void>

  init(
    writer: GroupWriter, engine: any OrderingEngine, seat: ConsortiumSeat, clock: @escaping @Sendable () -> Instant,
    report: @escaping @Sendable (Failure) -> Void
  ) {
    let ledgerID = writer.views.current.ledgerID
    self.writer = writer
    self.engine = engine
    self.seat = seat
    self.report = report
    admission = Admission(ledgerID: ledgerID)
    marker = Marker(member: seat.member, key: seat.key, clock: clock)
    let subject = StreamNames(ledgerID: ledgerID, epoch: 1).cosignatures(of: seat.member)
    certification = Certification(
      writer: writer, cosigner: seat.cosigner, promises: try? seat.promises.get(),
      dismissed: seat.dismissed, clock: clock,
      broadcast: { note in try? engine.broadcast(Data(note.utf8), to: subject) }, report: report)
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Why no batch is taken now; nil while they are.
  var refusal: Failure? {
    switch state.withLock({ $0.standing }) {
    case .stopped(let failure):
      return Failure(.unavailable, failure.reason, failure.message, retryAfterMilliseconds: 60_000)
    case .stalled(let failure):
      return failure.reason.hasPrefix("ENGINE_") ? Self.away(failure.message) : failure
    case .starting: return Self.away("this node does not follow it yet")
    case .catchingUp(let progress):
      return Failure(
        .unavailable, "CATCHING_UP",
        "the engine has forgotten what this node has not read, which it fetches from the other members' nodes: \(progress)",
        retryAfterMilliseconds: 5_000)
    case .following: break
    }
    switch engine.health {
    case .connected: return certification.summary.refusal
    case .away(let reason): return Self.away(reason)
    case .closed: return Self.away("the connection was closed")
    }
  }

  private static func away(_ why: String) -> Failure {
    Failure(
      .unavailable, "ENGINE_AWAY", "the ordering engine is away: \(why); send the batch again when it is back",
      retryAfterMilliseconds: 1_000)
  }

  /// How the node stands.
  var status: NodeStatus {
    let (standing, epoch, place, skipped) = state.withLock { ($0.standing, $0.epoch, $0.place, $0.skipped) }
    let view = writer.views.current
    let summary = certification.summary
    return NodeStatus(
      epoch: epoch, standing: standing, engine: engine.health, appliedSequence: place?.sequence ?? 0,
      log: LogPoint(size: view.checkpoint.size, root: view.checkpoint.root), certifiedSize: view.certifiedSize,
      lastSigned: summary.lastSigned, silence: silence, stop: summary.stop, contradictions: summary.contradictions,
      awaited: summary.awaited, cosignedNote: summary.cosignedNote,
      skippedCount: skipped)
  }

  /// Why nothing is cosigned: what was signed last is not known, or the key's time is over, or has not come.
  private var silence: Failure? {
    if case .failure(let failure) = seat.promises { return failure }
    let view = writer.views.current
    let key = seat.key.publicKey.id
    if Signers(view.directory, at: view.ledgerTime).members[key] != nil { return nil }
    return Failure(
      .preconditionFailed, "NODE_KEY_NOT_IN_FORCE",
      "the key \(key) that this node signs with is no NODE key in force: put its successor in the place of keys/log.pem"
    )
  }

  /// Says that the engine came or went.
  func engineChanged() { changed.yield() }

  /// Notes where it stands.
  func set(_ standing: NodeStatus.Standing) {
    state.withLock { $0.standing = standing }
    changed.yield()
  }

  /// The last message of the stream that was applied; nil before the first.
  var currentSequence: UInt64? { state.withLock { $0.place?.sequence } }

  /// Notes how far it is; `placed` are the checkpoints on the way that are not on disk yet.
  func reached(_ place: EnginePlace, placed: [PlacedCheckpoint] = [], skipping skipped: Int = 0) {
    state.withLock { state in
      state.place = place
      state.placed = placed
      state.skipped += UInt64(skipped)
    }
  }

  /// The place of the checkpoint of `size` entries, 0 meaning the largest that is final; nil where none is kept.
  func placedCheckpoint(size: UInt64) async throws(Failure) -> PlacedCheckpoint? {
    let certified = writer.views.current.certifiedSize
    let recent = state.withLock { $0.placed }
    if let latest = recent.last(where: { size == 0 ? $0.size <= certified : $0.size == size }) { return latest }
    return try await writer.store.read { reader in
      size == 0 ? try reader.placedCheckpoint(upTo: certified) : try reader.placedCheckpoint(size: size)
    }
  }

  /// Publishes what comes in and writes what is ordered until the intake is closed and what was published has come back.
  func run(_ intake: Intake) async throws(Failure) {
    if let silence { report(silence) }
    let place = try writer.store.readNow { try $0.enginePlace() }
    let opening = try writer.store.latestOpening()
    let epoch = place?.epoch ?? opening?.epoch ?? 1
    state.withLock { $0.epoch = epoch }
    let names = StreamNames(ledgerID: writer.views.current.ledgerID, epoch: epoch)
    _ = try await writer.recover()
    await withTaskGroup { group in
      group.addTask { await self.follow(names, epoch) }
      group.addTask { await self.mark(names) }
      group.addTask { await self.certify(epoch) }
      group.addTask { await self.listen(names) }
      await publish(intake, names, engine)
      await drain()
      group.cancelAll()
    }
  }

  private func publish<Engine: OrderingEngine>(_ intake: Intake, _ names: StreamNames, _ engine: Engine) async {
    let publisher = Publisher(
      engine: engine, names: names, batches: names.batches(of: seat.member), pending: pending,
      isTaken: { self.writer.isTaken($0) }, refusal: { self.refusal })
    await publisher.run(intake)
  }

  /// Waits for what is on its way, for as long as a shutdown may take.
  private func drain() async {
    for _ in 0..<100 where !pending.isEmpty { try? await ContinuousClock().sleep(for: .milliseconds(50)) }
    pending.refuseAll(
      Failure(
        .unavailable, "SHUTTING_DOWN", "this server is stopping and the engine has not answered; send the batch again",
        retryAfterMilliseconds: 1_000))
  }

  private func certify(_ epoch: UInt64) async {
    do throws(Failure) { try await certification.run(epoch: epoch) } catch { report(error) }
  }

  private func listen(_ names: StreamNames) async {
    for await note in engine.listen(to: names.allCosignatures) where note.count <= SignedNote.maxByteCount {
      guard let text = String(validating: note, as: UTF8.self) else { continue }
      certification.tell(note: text)
    }
  }

  private func mark(_ names: StreamNames) async {
    await marker.run { mark in
      guard self.refusal == nil, let bytes = try? OrderedItem.message(mark),
        let sequence = try? self.engine.post(
          bytes, to: names.marks(of: self.seat.member), id: nil, stream: names.stream)
      else { return false }
      return (try? await sequence()) != nil
    } log: {
      let view = self.writer.views.current
      guard let place = self.state.withLock({ $0.place }) else { return nil }
      return (place.epoch, view.ledgerID, LogPoint(size: view.checkpoint.size, root: view.checkpoint.root))
    }
  }
}

extension SharedOrder {
  /// The largest batch that is taken, serialized, in bytes.
  static var maxBatchBytes: Int { EngineLimits.batchBytes }

  /// Refuses a batch that is too large as a message of the stream: malformed BATCH_SIZE.
  static func requireSize(of batch: Cairn_V1_Batch) throws(Failure) {
    let parts = [batch.header.count, batch.signature.value.count + 4] + batch.records.map(\.count)
    let size = parts.reduce(0) { $0 + field($1) }
    guard size <= EngineLimits.batchBytes else {
      throw .malformed(
        "BATCH_SIZE", field: "records",
        "\(size) bytes serialized; a batch has at most \(EngineLimits.batchBytes) in consortium mode")
    }
  }

  /// Bytes of a field of so many bytes, serialized.
  private static func field(_ count: Int) -> Int { count + (count < 128 ? 2 : count < 16_384 ? 3 : 4) }
}
