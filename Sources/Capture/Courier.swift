package import Client
package import FoundationEssentials
import Ledger
package import Outbox
package import Primitives
package import Signing
import Synchronization
package import Wire

/// Brings an author's batches from its outbox to the ledger.
package struct Courier: Sendable {
  /// Where the batches wait.
  package let outbox: Outbox
  /// What the ledger says of itself.
  package let ledger: Cairn_V1_GetLedgerResponse
  /// How outbox and ledger stood to each other at the beginning.
  package let standing: Outbox.Standing
  private let connection: LedgerConnection

  /// Opens the outbox of `key` for the ledger at the other end and compares the two.
  ///
  /// Fails as the calls, `Outbox.init` and `reconcile` do; with UNKNOWN_KEY where the key is not registered.
  package static func open(
    _ connection: LedgerConnection, key: PrivateKey, directory: URL
  ) async throws(Failure) -> Courier {
    let ledger = try await connection.ledgerInfo()
    guard let ledgerID = Digest(ledger.ledgerID) else {
      throw Failure(
        .corrupt, "MALFORMED_DIGEST", "\(connection.address) gave a ledger id of \(ledger.ledgerID.count) bytes")
    }
    let author = try await connection.author(key.publicKey.id)
    let outbox = try Outbox(directory: directory, ledgerID: ledgerID, key: key)
    let chain = AuthorChain(nextSequence: max(author.nextSequence, 1), lastDigest: Digest(author.lastHeaderDigest))
    let standing = try await outbox.reconcile(with: chain) { sequence throws(Failure) in
      try await connection.headerDigest(of: key.publicKey.id, sequence: sequence)
    }
    return Courier(outbox: outbox, ledger: ledger, standing: standing, connection: connection)
  }

  /// Sends what waits in the outbox, then what `next` makes until it gives nil; a batch is in the outbox before it is sent.
  /// A batch that the ledger refuses for good is taken back together with those after it, and its refusal is thrown.
  package func deliver(
    _ next: @escaping @Sendable () throws(Failure) -> BatchDraft?,
    onReceipt: @escaping @Sendable (Cairn_V1_Receipt) -> Void
  ) async throws(Failure) {
    let outbox = outbox
    let refusal = try await BatchSender(connection).send { last throws(Failure) in
      if let waiting = try outbox.pending(after: last) { return try waiting.outgoing }
      guard let draft = try next() else { return nil }
      return try outbox.enqueue(draft).outgoing
    } acknowledge: { receipt throws(Failure) in
      try outbox.acknowledge(receipt)
      onReceipt(receipt)
    }
    guard let refusal else { return }
    if Self.isFinal(refusal), let refused = try outbox.pending(after: nil) {
      _ = try outbox.withdraw(from: refused.sequence)
    }
    throw refusal
  }

  /// Whether nothing was recorded under the refused batch's sequence number and sending it again would not help.
  private static func isFinal(_ refusal: Failure) -> Bool {
    switch refusal.kind {
    case .malformed, .unauthenticated, .forbidden, .notFound, .alreadyExists, .preconditionFailed, .outOfRange: true
    case .conflict, .exhausted, .unavailable, .corrupt, .bug: false
    }
  }
}

extension PendingBatch {
  fileprivate var outgoing: BatchSender.Outgoing {
    get throws(Failure) { BatchSender.Outgoing(sequence: sequence, batch: try batch()) }
  }
}
