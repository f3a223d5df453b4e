import FoundationEssentials
import Ledger
import Outbox
import Primitives
import Signing
import Testing
import Wire

@Suite struct BatchTests {
  @Test func aBatchSurvivesACrashByteForByteBeforeItIsSent() async throws {
    let desk = try Desk()
    let signed = try await desk.runFresh { try $0.enqueue(Desk.draft("one")) }
    let kept = try await desk.run { try $0.pending(after: nil) }
    #expect(kept?.sequence == 1)
    #expect(kept?.bytes == signed.bytes)
  }

  @Test func batchesFormAChain() async throws {
    let desk = try Desk()
    let batches = try await desk.runFresh { outbox in
      try ["one", "two", "three"].map { try outbox.enqueue(Desk.draft($0)) }
    }
    let headers = try batches.map { try BatchHeader(try $0.batch().header) }
    #expect(headers.map(\.sequence) == [1, 2, 3])
    #expect(headers.map(\.previousDigest) == [nil, headers[0].digest, headers[1].digest])
    for batch in try batches.map({ try $0.batch() }) {
      try BatchSignature.verify(batch.signature, header: batch.header, by: desk.key.publicKey)
    }
  }

  @Test func theChainGoesOnAfterACrash() async throws {
    let desk = try Desk()
    let first = try await desk.runFresh { try $0.enqueue(Desk.draft("one")) }
    let second = try await desk.run { try $0.enqueue(Desk.draft("two")) }
    #expect(second.sequence == 2)
    let previous = try BatchHeader(try second.batch().header).previousDigest
    #expect(previous == (try chain(after: first)).lastDigest)
  }

  @Test func nothingIsSignedBeforeTheLedgerWasAsked() async throws {
    let desk = try Desk()
    await expectFailure("OUTBOX_NOT_RECONCILED") { try await desk.run { _ = try $0.enqueue(Desk.draft("one")) } }
  }

  @Test func aReceiptLetsItsBatchGoAndNoOther() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      let first = try outbox.enqueue(Desk.draft("one"))
      let second = try outbox.enqueue(Desk.draft("two"))
      try outbox.acknowledge(try desk.receipt(first, position: 7))
      #expect(try outbox.pending(after: nil)?.bytes == second.bytes)
      #expect(try outbox.pending(after: 2) == nil)
      #expect(try outbox.backlog() == (1, 1))
    }
  }

  @Test(arguments: ["header", "ledger", "author", "sequence"])
  func aReceiptForSomethingElseIsNotTaken(_ part: String) async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      let batch = try outbox.enqueue(Desk.draft("one"))
      var receipt = try desk.receipt(batch, position: 7)
      switch part {
      case "header": receipt.headerDigest[0] ^= 1
      case "ledger": receipt.ledgerID[0] ^= 1
      case "author": receipt.authorKeyID[0] ^= 1
      default: receipt.sequence += 1
      }
      await expectFailure("RECEIPT_MISMATCH") { try outbox.acknowledge(receipt) }
      #expect(try outbox.pending(after: nil)?.bytes == batch.bytes)
    }
  }

  @Test func whatIsRefusedIsTakenBackWithWhatFollows() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      let first = try outbox.enqueue(Desk.draft("one", source: Desk.file(4)))
      try outbox.acknowledge(try desk.receipt(first, position: 1))
      _ = try outbox.enqueue(Desk.draft("two", source: Desk.file(7)))
      _ = try outbox.enqueue(Desk.draft("three", source: Desk.file(10)))
      #expect(try outbox.withdraw(from: 2) == 2)
      #expect(try outbox.pending(after: nil) == nil)
      #expect(try outbox.progress(of: Desk.file(0).digest) == SourceProgress(eventsDone: 4, positions: 1...1))
      #expect(try outbox.chain() == (try chain(after: first)))
      #expect(try outbox.enqueue(Desk.draft("another")).sequence == 2)
    }
  }
}
