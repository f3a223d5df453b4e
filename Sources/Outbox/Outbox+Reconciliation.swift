import FoundationEssentials
import GRDB
package import Ledger
package import Primitives
import Signing

extension Outbox {
  /// How an outbox and its ledger stand to each other.
  package enum Standing: Hashable, Sendable {
    /// Neither has seen a batch of this key.
    case fresh
    /// The ledger has what was acknowledged, and what it lacks is in the outbox.
    case inStep
    /// This outbox is new, or older than the ledger: it goes on behind the ledger's latest batch of this key.
    case continued(from: UInt64)
  }

  /// Compares the outbox with the ledger before anything is signed or sent. `recorded` gives the digest of the header that
  /// the ledger has under a sequence number; it is asked for at most one.
  ///
  /// Fails with AUTHOR_FORKED where both have different batches of one sequence number, and LEDGER_ROLLED_BACK where the
  /// ledger lacks batches that it had acknowledged.
  package func reconcile(
    with server: AuthorChain, recorded: (_ sequence: UInt64) async throws(Failure) -> Digest?
  ) async throws(Failure) -> Standing {
    guard let local = try chain() else {
      try adopt(server)
      return server.nextSequence == 1 ? .fresh : .continued(from: server.nextSequence)
    }
    let common = min(local.nextSequence, server.nextSequence)
    if common > 1 {
      let mine = try digest(before: common, local)
      let theirs = server.nextSequence == common ? server.lastDigest : try await recorded(common - 1)
      guard mine == theirs else { throw forked(at: common - 1) }
    } else if local.nextSequence > 1 {
      _ = try digest(before: 1, local)
    }
    guard server.nextSequence > local.nextSequence else { return local.nextSequence == 1 ? .fresh : .inStep }
    try adopt(server)
    return .continued(from: server.nextSequence)
  }

  private func adopt(_ chain: AuthorChain) throws(Failure) {
    try perform { database in try Self.save(database, chain) }
  }

  /// The digest of this author's header before `sequence`, from the batch that follows it.
  private func digest(before sequence: UInt64, _ local: AuthorChain) throws(Failure) -> Digest? {
    if local.nextSequence == sequence { return local.lastDigest }
    return try perform { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT previousDigest FROM batch WHERE sequence = ?", arguments: [Int64(clamping: sequence)])
      guard let row else {
        throw Failure(
          .conflict, "LEDGER_ROLLED_BACK",
          "the ledger expects batch \(sequence) of key \(key.publicKey.id), but has acknowledged all before "
            + "\(local.nextSequence): it has lost batches, or a backup was restored. Nothing was sent")
      }
      return (row["previousDigest"] as Data?).flatMap { Digest($0) }
    }
  }

  private func forked(at sequence: UInt64) -> Failure {
    Failure(
      .conflict, "AUTHOR_FORKED",
      "the ledger has another batch \(sequence) of key \(key.publicKey.id) than this outbox: the key is in use elsewhere "
        + "with a state of its own. Nothing was sent; register a new key for this device")
  }
}
