import Client
import Consensus
import Consortium
import Foundation
import GenesisFile
import Ledger
import Merkle
import Ordering
import Peers
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// What recovery works with: the log, the promise and the key of a stopped node.
struct RecoveryDesk {
  let store: Store
  private let directory: DataDirectory
  private let file: ConsortiumFile
  private let key: PrivateKey
  private let promises: LastSignedStore
  private let signer: CheckpointSigner

  init(_ directory: DataDirectory) throws {
    guard let file = try Seat.file(of: directory) else {
      throw Failure(
        .preconditionFailed, "NO_ENGINE",
        "\(directory.consortium.path) is missing: this node follows no engine, and has nothing to recover from")
    }
    self.directory = directory
    self.file = file
    store = try Store(directory)
    let view = try store.readNow { try $0.view() }
    key = try Node.logKey(directory)
    signer = try CheckpointSigner(
      origin: Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID), logKey: key)
    promises = try LastSignedStore(Seat.promiseFolder(file, of: directory), key: key.publicKey.id, store: store)
  }

  /// The log as it is.
  func view() throws(Failure) -> LedgerView { try store.readNow { try $0.view() } }

  // Leaving

  /// Refuses a log of which a part is not proven.
  func requireNoCatchUp() throws(Failure) {
    guard let base = try store.readNow({ try $0.catchUpBase() }) else { return }
    throw Failure(
      .preconditionFailed, "CATCH_UP_UNFINISHED",
      "the log beyond entry \(base.size) is not proven yet: give the command again that fetches it, cairnd join or cairnd "
        + "recover open")
  }

  /// Leaves the epoch: what the node says of it is on disk when this returns, and the same for ever.
  func close(unbegun: Bool) throws(Failure) -> SignedStatement {
    var promise = try promises.promise
    if promise.isClosed, let kept = try store.statement(of: promise.epoch) {
      return try SignedStatement(serialized: kept)
    }
    if !promise.isClosed {
      let isSurprising = try isUnbegun(promise.epoch)
      guard unbegun || !isSurprising else {
        throw Failure(
          .preconditionFailed, "EPOCH_NOT_BEGUN",
          "epoch \(promise.epoch) is open here and this node has read nothing of it: cairnd serve comes next. If the engine of "
            + "that epoch is lost too: --unbegun")
      }
      promise = promise.closed
      try promises.save(promise)
    }
    let view = try view()
    let statement = try Statement(
      ledgerID: view.ledgerID, closedEpoch: promise.epoch, signed: promise.log, finalSize: view.certifiedSize,
      log: LogPoint(size: view.logSize, root: view.edge.root)
    ).signed(by: key)
    try store.save(statement: try BatchBuilder.serialize(statement.wire), of: promise.epoch)
    return statement
  }

  /// Whether nothing of an epoch after the first has been applied here.
  private func isUnbegun(_ epoch: UInt64) throws(Failure) -> Bool {
    guard epoch > 1 else { return false }
    return try store.readNow { try $0.enginePlace() }.map { $0.epoch == epoch && $0.sequence == 0 } ?? true
  }

  // Opening

  /// The epoch that is closed here; also the one before an epoch of which nothing has been read yet, so that it can be opened
  /// again from other statements.
  func epochToLeave() throws(Failure) -> UInt64 {
    let promise = try promises.promise
    if promise.isClosed { return promise.epoch }
    if try isUnbegun(promise.epoch) { return promise.epoch - 1 }
    throw Failure(
      .preconditionFailed, "EPOCH_NOT_CLOSED",
      "this node is in epoch \(promise.epoch) and has not left it: cairnd recover close \(directory.url.path) comes first; "
        + "where that was done, the next epoch is open already, and there is nothing to do")
  }

  /// Whether the log is where these statements lead already.
  func hasOpened(_ epoch: UInt64, with files: [StatementFile]) throws(Failure) -> Bool {
    guard let kept = try store.latestOpening(), kept.epoch == epoch,
      case .opening(let opening) = OrderedItem(kept.bytes)
    else { return false }
    return Set(opening.statements) == Set(files.map(\.statement))
  }

  /// Takes out what an earlier run was about to fetch.
  func dropUnproven() async throws(Failure) {
    if try store.readNow({ try $0.catchUpBase() }) != nil { try await store.endCatchUp() }
  }

  /// Where the statements say that the log goes on; entries that this node lacks are fetched.
  func opening(
    _ files: [StatementFile], epoch: UInt64, acceptingIncomplete: Bool
  ) async throws(Failure) -> EpochOpening {
    do { return try attempt(files, epoch, acceptingIncomplete: false) } catch {
      guard ["UNKNOWN_KEY", "BASE_UNDECIDED", "BASE_INCOMPLETE"].contains(error.reason) else { throw error }
      let wanted = try longerLogs(files)
      let troubles = wanted.isEmpty ? [] : try await fetch(wanted)
      do { return try attempt(files, epoch, acceptingIncomplete: acceptingIncomplete) } catch {
        let missing = try longerLogs(files)
        guard !missing.isEmpty, error.reason != "UNKNOWN_KEY" else { throw error }
        throw try notReached(files, missing, troubles, error)
      }
    }
  }

  private func attempt(
    _ files: [StatementFile], _ epoch: UInt64, acceptingIncomplete: Bool
  ) throws(Failure) -> EpochOpening {
    let view = try view()
    for file in files { _ = try file.verified(by: view.directory, ledgerID: view.ledgerID, epoch: epoch) }
    let log = store
    return try Recovery.opening(
      statements: files.map(\.statement), directory: view.directory, signers: try log.signersSinceFinal(in: view),
      acceptingIncomplete: acceptingIncomplete, root: log.roots(of: view)
    ) { first, second throws(Failure) in
      try log.readNow { reader in
        try Proof.consistencyPath(first: first, second: second, node: LogNodes(edge: view.edge, reader: reader).hash)
      }
    }
  }

  /// The logs that the statements name and that are longer than this node's.
  private func longerLogs(_ files: [StatementFile]) throws(Failure) -> Set<LogPoint> {
    let size = try view().logSize
    return Set(files.flatMap { [$0.statement.statement.log, $0.statement.statement.signed].compactMap(\.self) })
      .filter { $0.size > size }
  }

  /// Fetches what leads to one of these logs from the peers that serve; gives what was wrong with each.
  private func fetch(_ logs: Set<LogPoint>) async throws(Failure) -> [String] {
    let peers = try PeerBook.clients(file, directory, logKey: key)
    let (signer, bar) = (signer, Console.bar("entries verified"))
    let outcome = try await NamedLogFetch(
      store: store, peers: peers, progress: { bar($0.size, $0.target, $0.peer) },
      sign: { size, root throws(Failure) in try signer.sign(size: size, root: root) }
    ).run(logs.map { (size: $0.size, root: $0.root) })
    Console.endProgress()
    return outcome.map { "\($0.peer): \($0.failure)" }
  }

  private func notReached(
    _ files: [StatementFile], _ missing: Set<LogPoint>, _ troubles: [String], _ failure: Failure
  ) throws(Failure) -> Failure {
    let (directory, size) = (try view().directory, try view().logSize)
    let longer = files.map(\.statement).filter { missing.contains($0.statement.log) }
      .sorted { $0.statement.log.size > $1.statement.log.size }
      .compactMap { signed in
        (try? signed.verified(by: directory)).map { "\($0.member) has \($0.statement.log.size)" }
      }
    let tried = troubles.isEmpty ? "" : " Asked were \(troubles.joined(separator: "; "))."
    return Failure(
      .preconditionFailed, "BASE_NOT_REACHED",
      "this node's log ends at \(size) entries; \(longer.joined(separator: ", ")). Let whoever has the longest open the epoch and "
        + "serve, then give this command again: it fetches what is missing from there.\(tried) (\(failure))")
  }

  // Entering

  /// Cuts the log back to the opening's base and keeps the opening, in one step.
  func cutBack(to opening: EpochOpening) async throws(Failure) -> Truncation {
    let view = try view()
    guard store.roots(of: view)(opening.base.size) == opening.base.root else {
      throw Failure(
        .preconditionFailed, "OTHER_HISTORY",
        "the members go on from \(opening.base), which is no part of this node's log: make a new data directory with "
          + "cairnd join, from the peers")
    }
    let bytes = try OrderedItem.message(opening)
    // Whoever is sent an event twice is told so; one that is left out would be missed.
    try await SubscriptionStore(directory, ledger: view.ledgerID).rewind(to: opening.base.size)
    let signer = signer
    return try store.truncate(
      to: opening.base.size, final: view.certificate?.size ?? 0,
      opening: KeptOpening(epoch: opening.epoch, bytes: bytes)
    ) { size, root throws(Failure) in try signer.sign(size: size, root: root) }
  }

  /// Promises for the epoch that begins, unless that was done before. Its stream may be made anew until something was read.
  func enter(_ epoch: UInt64) throws(Failure) {
    try store.forgetUnbegunPlace()
    let promise = try promises.promise
    if promise.isClosed { try promises.save(promise.opening(epoch)) }
  }
}

extension SignedStatement {
  /// Reads what was kept.
  fileprivate init(serialized bytes: Data) throws(Failure) {
    guard let wire = try? Cairn_V1_SignedStatement(serializedBytes: bytes) else {
      throw Failure(.corrupt, "MALFORMED_STATEMENT", "the statement that was kept cannot be read")
    }
    try self.init(wire)
  }
}
