import Client
import FoundationEssentials
import GRPCCore
import GRPCProtobuf
import Primitives
import SwiftProtobuf
import Synchronization
import Testing
import Wire

/// Batches that have no receipt yet, as an outbox would keep them.
private final class Queue: Sendable {
  private let waiting: Mutex<[UInt64]>
  private let acknowledged = Mutex<[UInt64]>([])

  init(_ count: Int) { waiting = Mutex(Array(1...UInt64(count))) }

  var receipts: [UInt64] { acknowledged.withLock { $0 } }

  func next(after last: UInt64?) throws(Failure) -> BatchSender.Outgoing? {
    let sequence = waiting.withLock { waiting in waiting.first { $0 > last ?? 0 } }
    guard let sequence else { return nil }
    var header = Cairn_V1_BatchHeader()
    header.sequence = sequence
    var batch = Cairn_V1_Batch()
    do { batch.header = try header.serializedBytes() } catch { throw Failure(.bug, "TEST", "\(error)") }
    return BatchSender.Outgoing(sequence: sequence, batch: batch)
  }

  func acknowledge(_ receipt: Cairn_V1_Receipt) {
    acknowledged.withLock { $0.append(receipt.sequence) }
    waiting.withLock { waiting in waiting.removeAll { $0 == receipt.sequence } }
  }

  /// Sends everything; gives the refusal.
  func send(_ connection: LedgerConnection, clock: ImpatientClock = ImpatientClock()) async throws -> Failure? {
    try await BatchSender(connection, clock: clock).send { last throws(Failure) in
      try self.next(after: last)
    } acknowledge: { receipt throws(Failure) in
      self.acknowledge(receipt)
    }
  }
}

@Suite struct BatchSenderTests {
  @Test(arguments: [1, 16, 17, 100]) func everyBatchGetsItsReceiptInOrder(count: Int) async throws {
    let ledger = FakeLedger { _, _ in .receipt }
    let queue = Queue(count)
    let refusal = try await ledger.serve { try await queue.send($0) }
    #expect(refusal == nil)
    #expect(queue.receipts == Array(1...UInt64(count)))
    #expect(ledger.streamCount == 1)
  }

  @Test func nothingToSendIsDoneAtOnce() async throws {
    let queue = Queue(1)
    queue.acknowledge(.with { $0.sequence = 1 })
    let refusal = try await FakeLedger { _, _ in .receipt }.serve { try await queue.send($0) }
    #expect(refusal == nil)
  }

  /// The server hangs up, or ends the stream as if all were well, at the fifth batch of each of the first streams.
  @Test(arguments: [FakeLedger.Answer.hangUp, .end]) func anInterruptionIsResumed(_ answer: FakeLedger.Answer)
    async throws
  {
    let ledger = FakeLedger { sequence, stream in stream <= 3 && sequence == UInt64(5 * stream) ? answer : .receipt }
    let queue = Queue(40)
    let clock = ImpatientClock()
    let refusal = try await ledger.serve { try await queue.send($0, clock: clock) }
    #expect(refusal == nil)
    #expect(Set(queue.receipts) == Set(1...40))
    #expect(ledger.streamCount == 4)
    #expect(clock.waits.count == 3)
  }

  @Test func aRefusalIsFinalAndKeepsItsReason() async throws {
    let error = Cairn_V1_SubmitError.with {
      $0.code = 16
      $0.reason = "KEY_REVOKED"
      $0.message = "key was revoked"
      $0.metadata = ["position": "7"]
      $0.violations = [
        .with {
          $0.field = "header"; $0.description_p = "says no"
        }
      ]
    }
    let ledger = FakeLedger { sequence, _ in sequence < 3 ? .receipt : .refusal(error) }
    let queue = Queue(20)
    let refusal = try await ledger.serve { try await queue.send($0) }
    #expect(refusal?.kind == .unauthenticated)
    #expect(refusal?.reason == "KEY_REVOKED")
    #expect(refusal?.metadata == ["position": "7"])
    #expect(refusal?.violations == [.init(field: "header", description: "says no")])
    #expect(queue.receipts == [1, 2])
    #expect(ledger.streamCount == 1)
  }

  @Test func aBusyServerIsAskedAgainAsItWishesAndNotForEver() async throws {
    let busy = Cairn_V1_SubmitError.with {
      $0.code = 14
      $0.reason = "INTAKE_FULL"
      $0.retryAfterMilliseconds = 20_000
    }
    let ledger = FakeLedger { _, _ in .refusal(busy) }
    let clock = ImpatientClock()
    let failure = await #expect(throws: Failure.self) {
      try await ledger.serve { try await Queue(3).send($0, clock: clock) }
    }
    #expect(failure?.reason == "INTAKE_FULL")
    #expect(ledger.streamCount == Backoff.maxAttempts)
    #expect(clock.waits == Array(repeating: .seconds(20), count: Backoff.maxAttempts - 1))
  }

  @Test func aReceiptThatCannotBeKeptEndsIt() async throws {
    let queue = Queue(5)
    let failure = await #expect(throws: Failure.self) {
      try await FakeLedger { _, _ in .receipt }.serve { connection in
        try await BatchSender(connection, clock: ImpatientClock()).send { last throws(Failure) in
          try queue.next(after: last)
        } acknowledge: { _ throws(Failure) in
          throw Failure(.exhausted, "OUTBOX_NOT_WRITTEN", "no room")
        }
      }
    }
    #expect(failure?.reason == "OUTBOX_NOT_WRITTEN")
  }

  @Test func aServersOwnWordsSurvive() async throws {
    let status = GoogleRPCStatus(
      code: .failedPrecondition, message: "item: too much",
      details: [
        .errorInfo(reason: "TOO_MANY_EVENTS", domain: "cairn.v1", metadata: ["limit": "10000"]),
        .badRequest(violations: [.init(field: "item", description: "too much")]),
        .retryInfo(delay: .milliseconds(1_500)),
      ])
    let failure = await #expect(throws: Failure.self) {
      try await FakeLedger(failure: status) { _, _ in .receipt }.serve { try await $0.ledgerInfo() }
    }
    #expect(
      failure
        == Failure(
          .preconditionFailed, "TOO_MANY_EVENTS", "item: too much",
          violations: [.init(field: "item", description: "too much")], metadata: ["limit": "10000"],
          retryAfterMilliseconds: 1_500))
  }

  @Test func aServerThatIsNotThereIsSaidToBeUnreachable() async throws {
    let address = try ServerAddress("127.0.0.1:1")
    let failure = await #expect(throws: Failure.self) {
      try await LedgerConnection.withConnection(to: address, trust: .plaintext) { try await $0.ledgerInfo() }
    }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "SERVER_UNREACHABLE")
    #expect(failure?.message.contains("127.0.0.1:1") == true)
  }
}
