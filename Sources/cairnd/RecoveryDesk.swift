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
  let key: PrivateKey
  let promises: LastSignedStore
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
  func hasOpened(_ wish: OpeningWish) throws(Failure) -> Bool {
    guard let kept = try store.latestOpening(), kept.epoch == wish.epoch + 1,
      case .opening(let opening) = OrderedItem(kept.bytes)
    else { return false }
    return Set(opening.statements) == Set(wish.statements) && wish.chosen.map { $0 == opening.base } ?? true
  }

  /// Takes out what an earlier run was about to fetch.
  func dropUnproven() async throws(Failure) {
    if try store.readNow({ try $0.catchUpBase() }) != nil { try await store.endCatchUp() }
  }

  /// Where the statements say that the log goes on; entries that this node lacks are fetched, and where its log left the
  /// members' it goes back to where that was.
  func opening(_ wish: OpeningWish) async throws(Failure) -> EpochOpening {
    do { return try attempt(wish.insisting) } catch {
      guard Self.isHelpedByPeers(error) else { throw error }
    }
    var troubles = try await fetch(wish.named)
    do { return try attempt(wish.insisting) } catch {
      guard Self.isHelpedByPeers(error) else { throw error }
    }
    // What a peer serves already is gone on from sooner than another log that would do as well.
    troubles += try await changeBranch(wish)
    do { return try attempt(wish) } catch {
      guard error.reason != "UNKNOWN_KEY", let missing = try notReached(wish, troubles, error) else { throw error }
      throw missing
    }
  }

  private static func isHelpedByPeers(_ failure: Failure) -> Bool {
    ["UNKNOWN_KEY", "BASE_UNDECIDED", "BASE_INCOMPLETE"].contains(failure.reason)
  }

  private func attempt(_ wish: OpeningWish) throws(Failure) -> EpochOpening {
    let view = try view()
    for file in wish.files { _ = try file.verified(by: view.directory, ledgerID: view.ledgerID, epoch: wish.epoch) }
    let log = store
    return try Recovery.opening(
      statements: wish.statements, directory: view.directory, signers: try log.signersSinceFinal(in: view),
      choosing: wish.chosen, acceptingIncomplete: wish.acceptsIncomplete, root: log.roots(of: view)
    ) { first, second throws(Failure) in
      try log.readNow { reader in
        try Proof.consistencyPath(first: first, second: second, node: LogNodes(edge: view.edge, reader: reader).hash)
      }
    }
  }

  /// Fetches what leads to the longest of these logs that the peers who serve have, where they continue this node's; gives what was
  /// wrong with each.
  func fetch(_ logs: Set<LogPoint>) async throws(Failure) -> [String] {
    let size = try view().logSize
    let longer = logs.filter { $0.size > size }
    guard !longer.isEmpty else { return [] }
    let (signer, bar) = (signer, Console.bar("entries verified"))
    let outcome = try await NamedLogFetch(
      store: store, peers: try peers(), progress: { bar($0.size, $0.target, $0.peer) },
      sign: { size, root throws(Failure) in try signer.sign(size: size, root: root) }
    ).run(longer.map { (size: $0.size, root: $0.root) })
    Console.endProgress()
    return outcome.map { "\($0.peer): \($0.failure)" }
  }

  func peers() throws(Failure) -> [PeerClient] { try PeerBook.clients(file, directory, logKey: key) }

  /// Says who has what this node's log lacks; nil where it lacks nothing of what was named.
  private func notReached(
    _ wish: OpeningWish, _ troubles: [String], _ failure: Failure
  ) throws(Failure) -> Failure? {
    let view = try view()
    let root = store.roots(of: view)
    let missing = wish.statements.filter { root($0.statement.log.size) != $0.statement.log.root }
      .sorted { $0.statement.log.size > $1.statement.log.size }
      .compactMap { signed in
        (try? signed.verified(by: view.directory)).map { "\($0.member) has \($0.statement.log)" }
      }
    // An incomplete base is at hand: more of a longer log may complete it.
    let isLonger = wish.named.contains { $0.size > view.logSize }
    guard !missing.isEmpty, failure.reason == "BASE_UNDECIDED" || isLonger else { return nil }
    let tried = troubles.isEmpty ? "" : " Asked were \(troubles.joined(separator: "; "))."
    let own = LogPoint(size: view.logSize, root: view.edge.root)
    return Failure(
      .preconditionFailed, "BASE_NOT_REACHED",
      "this node's log is \(own); \(missing.joined(separator: ", ")). Let whoever has the longest open the epoch and serve, then "
        + "give this command again: it fetches what is missing from there.\(tried) (\(failure))")
  }

  // Entering

  /// Cuts the log back to the opening's base and keeps the opening, in one step.
  func cutBack(to opening: EpochOpening) async throws(Failure) {
    let bytes = try OrderedItem.message(opening)
    try await cutBack(to: opening.base.size, keeping: KeptOpening(epoch: opening.epoch, bytes: bytes))
  }

  /// Takes out what the log has beyond its first entries; their batches are published again.
  func cutBack(to size: UInt64, keeping opening: KeptOpening? = nil) async throws(Failure) {
    let view = try view()
    try store.requireTruncatable(to: size, final: view.certificate?.size ?? 0)
    // Whoever is sent an event twice is told so; one that is left out would be missed.
    try await SubscriptionStore(directory, ledger: view.ledgerID) { Console.error($0) }.rewind(to: size)
    let signer = signer
    _ = try store.truncate(to: size, final: view.certificate?.size ?? 0, opening: opening) {
      size, root throws(Failure) in try signer.sign(size: size, root: root)
    }
  }

  /// Promises for the epoch that begins, unless that was done before. Its stream may be made anew until something was read.
  func enter(_ epoch: UInt64) throws(Failure) {
    try store.forgetUnbegunPlace()
    let promise = try promises.promise
    if promise.isClosed { try promises.save(promise.opening(epoch)) }
  }
}
