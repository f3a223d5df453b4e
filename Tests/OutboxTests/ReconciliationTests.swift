import Ledger
import Outbox
import Primitives
import Signing
import Testing
import Wire

@Suite struct ReconciliationTests {
  private static let elsewhere = SHA256.hash(Array("another header".utf8))

  @Test func aNewKeyBeginsAtOne() async throws {
    let desk = try Desk()
    let standing = try await desk.run { try await $0.reconcile(with: AuthorChain()) { _ in nil } }
    #expect(standing == .fresh)
  }

  @Test func lostStateGoesOnBehindTheLedger() async throws {
    let desk = try Desk()
    try await desk.run { outbox in
      let server = AuthorChain(nextSequence: 9, lastDigest: Self.elsewhere)
      #expect(try await outbox.reconcile(with: server) { _ in nil } == .continued(from: 9))
      let batch = try outbox.enqueue(Desk.draft("one"))
      #expect(batch.sequence == 9)
      #expect(try BatchHeader(try batch.batch().header).previousDigest == Self.elsewhere)
    }
  }

  /// The ledger has recorded `recorded` of three batches, of which the first `acknowledged` have their receipts here.
  @Test(arguments: [(0, 0), (1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (3, 2), (3, 3)])
  func whatTheLedgerLacksIsInTheOutbox(recorded: Int, acknowledged: Int) async throws {
    let desk = try Desk()
    let batches = try await desk.runFresh { outbox in
      let batches = try (1...3).map { try outbox.enqueue(Desk.draft("\($0)")) }
      for batch in batches.prefix(acknowledged) { try outbox.acknowledge(try desk.receipt(batch, position: 1)) }
      return batches
    }
    let server = recorded == 0 ? AuthorChain() : try chain(after: batches[recorded - 1])
    try await desk.run { outbox async throws in
      #expect(try await outbox.reconcile(with: server) { _ in nil } == .inStep)
      #expect(try outbox.pending(after: nil)?.sequence == (acknowledged == 3 ? nil : UInt64(acknowledged + 1)))
      #expect(try outbox.enqueue(Desk.draft("next")).sequence == 4)
    }
  }

  @Test func anotherBatchOfTheSameNumberIsAFork() async throws {
    let desk = try Desk()
    _ = try await desk.runFresh { try $0.enqueue(Desk.draft("mine")) }
    let server = AuthorChain(nextSequence: 2, lastDigest: Self.elsewhere)
    await expectFailure("AUTHOR_FORKED") {
      try await desk.run { _ = try await $0.reconcile(with: server) { _ in nil } }
    }
  }

  @Test func aForkFurtherBackIsAskedFor() async throws {
    let desk = try Desk()
    let mine = try await desk.runFresh { try $0.enqueue(Desk.draft("mine")) }
    let server = AuthorChain(nextSequence: 5, lastDigest: Self.elsewhere)
    await expectFailure("AUTHOR_FORKED") {
      try await desk.run { _ = try await $0.reconcile(with: server) { _ in Self.elsewhere } }
    }
    let digest = try chain(after: mine).lastDigest
    try await desk.run { outbox in
      let standing = try await outbox.reconcile(with: server) { sequence in
        #expect(sequence == 1)
        return digest
      }
      #expect(standing == .continued(from: 5))
      #expect(try outbox.pending(after: nil) != nil)
    }
  }

  @Test(arguments: [0, 1]) func aLedgerThatForgotIsNotWrittenTo(recorded: Int) async throws {
    let desk = try Desk()
    let first = try await desk.runFresh { outbox in
      let batches = try (1...2).map { try outbox.enqueue(Desk.draft("\($0)")) }
      for batch in batches { try outbox.acknowledge(try desk.receipt(batch, position: 1)) }
      return batches[0]
    }
    let server = recorded == 0 ? AuthorChain() : try chain(after: first)
    await expectFailure("LEDGER_ROLLED_BACK") {
      try await desk.run { _ = try await $0.reconcile(with: server) { _ in nil } }
    }
  }
}
