import Checkpoints
import Consensus
import Consortium
import Foundation
import Ledger
import Primitives
import Signing
import Store
import Synchronization

/// Carries out what the certifier decides: cosigns, after the promise is on disk; keeps certificates and contradictions.
final class Certification: Sendable {
  /// Notes from others that wait to be looked at; of more the oldest are dropped, since nodes repeat themselves.
  private static let maxNotes = 1_024

  /// What happened, in the writer's order.
  enum Event: Sendable {
    /// Entries from that size on, by their ledger times; the directory is that after the last of them or a later one.
    case appended(after: UInt64, times: [Instant], Directory)
    case counted(VerifiedMark, LogPoint?)
    case resumed(LogPoint)
    /// A log that is final, as a catch-up has proven.
    case proven(LogPoint)
  }

  private struct Inbox {
    var events: [Event] = []
    var notes: [String] = []
    /// Entries that the certifier was told of.
    var told: UInt64
    /// Nobody looks into it any more.
    var isClosed = false
  }

  /// What others may see of the certifier.
  struct Summary: Sendable {
    var lastSigned: LastSigned?
    /// Contradictions that are kept and not dismissed.
    var contradictions = 0
    /// Why nothing is certified any more.
    var stop: Failure?
    /// Why no batches are taken any more: it may be this node's own log that is wrong.
    var refusal: Failure?
    var awaited: NodeStatus.Awaited?
    /// What was cosigned last since the start.
    var cosignedNote: String?
  }

  private let writer: GroupWriter
  private let cosigner: Cosigner
  private let key: KeyID
  private let promises: LastSignedStore?
  private let dismissed: Set<KeyID>
  private let clock: @Sendable () -> Instant
  private let broadcast: @Sendable (String) -> Void
  private let report: @Sendable (Failure) -> Void
  private let inbox: Mutex<Inbox>
  private let shared = Mutex(Summary())
  private let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation

  init(
    writer: GroupWriter, cosigner: Cosigner, promises: LastSignedStore?, dismissed: Set<KeyID>,
    clock: @escaping @Sendable () -> Instant, broadcast: @escaping @Sendable (String) -> Void,
    report: @escaping @Sendable (Failure) -> Void
  ) {
    self.writer = writer
    self.cosigner = cosigner
    self.promises = promises
    self.dismissed = dismissed
    // The certifier wants the last entry that is final as well.
    inbox = Mutex(Inbox(told: max(writer.views.current.certificate?.size ?? 0, 1) - 1))
    self.clock = clock
    self.broadcast = broadcast
    self.report = report
    key = cosigner.verifierKey.publicKey.id
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// What it knows now.
  var summary: Summary { shared.withLock { $0 } }

  /// Hands in what the writer has put on disk, after which the log has so many entries.
  func tell(_ events: [Event], logSize: UInt64) {
    guard !events.isEmpty else { return }
    inbox.withLock { inbox in
      if !inbox.isClosed { inbox.events += events }
      inbox.told = max(inbox.told, logSize)
    }
    signal.yield()
  }

  /// Tells of the entries on disk that were not told of: all since the last that is final when the node starts, or when it has
  /// caught up.
  func catchUp() async throws(Failure) {
    let view = writer.views.current
    var told = inbox.withLock { $0.told }
    if let certificate = view.certificate, certificate.size > told + 1 {
      told = certificate.size - 1
      tell([.proven(LogPoint(size: certificate.size, root: certificate.root))], logSize: told)
    }
    while told < view.logSize {
      let start = told
      let times = try await writer.store.read { reader in
        try reader.entries(from: start, limit: 1_024).map { try LogEntry($0.bytes).ledgerTime }
      }
      guard !times.isEmpty else { throw LedgerReader.corrupt("log entry \(start)") }
      told += UInt64(times.count)
      tell([.appended(after: start, times: times, view.directory)], logSize: told)
    }
  }

  /// Hands in a signed note from anybody.
  func tell(note: String) {
    inbox.withLock { inbox in
      if inbox.isClosed { return }
      if inbox.notes.count >= Self.maxNotes { inbox.notes.removeFirst(inbox.notes.count / 2) }
      inbox.notes.append(note)
    }
    signal.yield()
  }

  /// Works until cancelled, from the latest certificate on. Fails where it may not begin.
  func run(epoch: UInt64) async throws(Failure) {
    defer { inbox.withLock { $0 = Inbox(told: $0.told, isClosed: true) } }
    let view = writer.views.current
    let isHalted = try await takeStock()
    let promise = try promises?.promise ?? LastSigned(epoch: epoch, isClosed: true)
    guard promise.epoch == epoch || promises == nil else {
      throw Failure(
        .preconditionFailed, "WRONG_EPOCH",
        "what this node signed last is of epoch \(promise.epoch), its log of epoch \(epoch): see cairnd recover")
    }
    var certifier = Certifier(
      origin: writer.signer.origin, ownKey: key, lastSigned: promise,
      final: view.certificate.map { LogPoint(size: $0.size, root: $0.root) }, dismissed: dismissed,
      isHalted: isHalted)
    for await _ in signals {
      let batch = inbox.withLock { inbox in
        defer { inbox = Inbox(told: inbox.told) }
        return inbox
      }
      do throws(Failure) { try await handle(batch, &certifier) } catch { report(error) }
      publish(certifier)
    }
  }

  private func handle(_ batch: Inbox, _ certifier: inout Certifier) async throws(Failure) {
    let root = roots()
    var actions: [Certifier.Action] = []
    for event in batch.events {
      switch event {
      case .appended(let start, let times, let directory):
        for (offset, time) in times.enumerated() {
          certifier.appended(size: start + UInt64(offset) + 1, time: time, directory: directory)
        }
      case .counted(let mark, let checkpoint):
        actions += certifier.counted(mark, checkpoint: checkpoint, root: root)
        if mark.key == key { remindOthers(certifier) }
      case .resumed(let checkpoint): certifier.resumed(at: checkpoint)
      case .proven(let checkpoint): certifier.proven(checkpoint)
      }
    }
    for note in batch.notes { actions += certifier.receive(note, root: root) }
    while !actions.isEmpty { actions = try await carryOut(actions, &certifier, root) }
  }

  /// Does what was decided; gives what is decided because of it. Of several promises the last says what those before say.
  private func carryOut(
    _ actions: [Certifier.Action], _ certifier: inout Certifier, _ root: Certifier.RootSource
  ) async throws(Failure) -> [Certifier.Action] {
    var next: [Certifier.Action] = []
    var latest: LastSigned?
    for case .cosign(let promise) in actions { latest = promise }
    if let latest { try keep(latest) }
    for action in actions {
      switch action {
      case .cosign(let promise):
        guard promises != nil, let log = promise.log else { continue }
        let note = try cosign(log)
        shared.withLock { $0.cosignedNote = note }
        broadcast(note)
        next += certifier.receive(note, root: root)
      case .certified(let certificate):
        let checkpoint = SignedCheckpoint(
          size: certificate.log.size, root: certificate.log.root, note: certificate.note)
        try await writer.store.save(certificate: checkpoint)
        writer.views.publish(certificate: checkpoint)
      case .stop(let divergence): try await keep(divergence)
      }
    }
    return next
  }

  /// Tells the latest certificate again while nothing awaits cosignatures: whoever was away has missed it.
  private func remindOthers(_ certifier: Certifier) {
    guard certifier.missing == nil, let certificate = writer.views.current.certificate else { return }
    broadcast(certificate.note)
  }

  /// Puts a promise on disk, and before the first one notes in the data directory that there is one.
  private func keep(_ promise: LastSigned) throws(Failure) {
    guard let promises else { return }
    try writer.store.noteCosigner(key)
    try promises.save(promise)
  }

  /// Counts the contradictions that are kept and not dismissed, and says so; whether there are any.
  ///
  /// Batches are taken all the same while no more members contradict this node than may lie: what is final does not depend
  /// on that. Where more do, or this node contradicts itself, it may be its own log that is wrong.
  private func takeStock() async throws(Failure) -> Bool {
    let kept = try await writer.store.read { try $0.divergences(limit: StoredDivergence.maxCount) }
    let open = kept.filter { $0.key.map { !dismissed.contains($0) } ?? true }
    guard let first = open.first else { return false }
    let view = writer.views.current
    let names = open.map { divergence in
      divergence.key.map { key in view.directory.keys[key].map { "member \($0.memberID)" } ?? "key \(key)" }
    }
    let isOwn = open.contains { $0.key == nil || $0.key == key }
    let mayLie = Signers(view.directory, at: view.ledgerTime).mayLie
    let doubtsItself = isOwn || Set(names).count > mayLie
    let failure = Failure(
      .unavailable, "DIVERGED",
      "\(names[0] ?? "this node") signed another log of \(first.size) entries than this node has: nothing is certified "
        + (doubtsItself ? "and no batches are taken " : "")
        + "until the operator has looked into it; both statements are kept",
      retryAfterMilliseconds: 60_000)
    shared.withLock { summary in
      summary.contradictions = open.count
      summary.stop = failure
      summary.refusal = doubtsItself ? failure : nil
    }
    report(failure)
    return true
  }

  private func keep(_ divergence: Divergence) async throws(Failure) {
    let own = try writer.signer.sign(size: divergence.theirs.size, root: divergence.ours)
    let size = divergence.theirs.size
    try await writer.store.saveDivergence(at: size, by: divergence.key, own: own.note, other: divergence.evidenceText)
    _ = try await takeStock()
  }

  /// This node's note over a part of its log, cosigned.
  private func cosign(_ log: LogPoint) throws(Failure) -> String {
    let note = try SignedNote(try writer.signer.sign(size: log.size, root: log.root).note)
    return note.adding(try Cosignature.make(over: note.text, at: clock(), by: cosigner)).description
  }

  private func publish(_ certifier: Certifier) {
    let awaited = certifier.missing.map { NodeStatus.Awaited(checkpoint: $0.checkpoint, missing: $0.members) }
    shared.withLock { summary in
      summary.lastSigned = promises == nil ? nil : certifier.lastSigned
      summary.awaited = awaited
    }
  }

  /// This node's roots over its first entries, as its log is now.
  private func roots() -> Certifier.RootSource {
    let view = writer.views.current
    let store = writer.store
    return { size in
      guard size <= view.logSize else { return nil }
      return try? store.readNow { try $0.root(size: size, in: view) }
    }
  }
}
