import FoundationEssentials
import Ledger
import Outbox
import Primitives
import Signing
import Testing
import Wire

/// A key, a ledger's name and a folder of their own, which goes when the test ends.
final class Desk {
  let directory: URL
  let ledgerID: Digest
  let key: PrivateKey

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "outbox-\(UInt64.random(in: 0 ... .max))")
    ledgerID = SHA256.hash(Array("a ledger".utf8))
    key = try PrivateKey.generate(.ed25519)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// Opens the outbox as a program that starts would.
  func open() throws -> Outbox { try Outbox(directory: directory, ledgerID: ledgerID, key: key) }

  /// Opens the outbox for a while, then ends as a program would that crashes: nothing is tidied up.
  func run<Value>(_ body: (Outbox) async throws -> Value) async throws -> Value { try await body(try open()) }

  /// Opens an outbox that has compared itself with a ledger which knows nothing of the key.
  func runFresh<Value>(_ body: (Outbox) async throws -> Value) async throws -> Value {
    try await run { outbox in
      _ = try await outbox.reconcile(with: AuthorChain()) { _ in nil }
      return try await body(outbox)
    }
  }

  /// A draft of one record.
  static func draft(_ text: String, source: SourceMark? = nil) -> BatchDraft {
    BatchDraft(records: [Data(text.utf8)], createdAt: Instant(microseconds: 1_772_000_000_000_000), source: source)
  }

  /// A file of ten events, captured up to an event.
  static func file(_ done: Int) -> SourceMark {
    SourceMark(digest: SHA256.hash(Array("a file".utf8)), name: "shipment.json", eventCount: 10, eventsDone: done)
  }

  /// The receipt that a ledger gives for a batch.
  func receipt(_ pending: PendingBatch, position: UInt64) throws -> Cairn_V1_Receipt {
    let header = try BatchHeader(try pending.batch().header)
    var receipt = Cairn_V1_Receipt()
    receipt.ledgerID = Data(ledgerID.bytes)
    receipt.authorKeyID = Data(key.publicKey.id.digest.bytes)
    receipt.sequence = pending.sequence
    receipt.headerDigest = Data(header.digest.bytes)
    receipt.position = position
    return receipt
  }
}

/// The chain right behind a batch.
func chain(after pending: PendingBatch) throws -> AuthorChain {
  AuthorChain(nextSequence: pending.sequence + 1, lastDigest: try BatchHeader(try pending.batch().header).digest)
}

/// Expects a failure with that reason.
func expectFailure(_ reason: String, _ body: () async throws -> Void) async {
  do {
    try await body()
    Issue.record("expected \(reason)")
  } catch let failure as Failure {
    #expect(failure.reason == reason)
  } catch {
    Issue.record("expected \(reason), got \(error)")
  }
}
