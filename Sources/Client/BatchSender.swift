import GRPCCore
package import Primitives
import SwiftProtobuf
import Synchronization
package import Wire
import WireRPC

/// Sends an author's batches over `SubmitStream`, several at a time, and sends them again after an interruption: a ledger
/// answers a batch that it has with the receipt it has.
package struct BatchSender: Sendable {
  /// A batch on its way.
  package struct Outgoing: Sendable {
    let sequence: UInt64
    let batch: Cairn_V1_Batch

    /// The batch with that sequence number.
    package init(sequence: UInt64, batch: Cairn_V1_Batch) {
      self.sequence = sequence
      self.batch = batch
    }
  }

  /// Batches without an answer at once; the server reads no further than this either.
  package static let maxInFlight = 16

  private let connection: LedgerConnection
  private let waitFor: Cairn_V1_Finality
  private let clock: any Clock<Duration>

  /// Sends over `connection` and takes an answer once a batch is as final as `waitFor`. `clock` measures the waits between
  /// tries.
  package init(
    _ connection: LedgerConnection, waitFor: Cairn_V1_Finality = .anchored,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.connection = connection
    self.waitFor = waitFor
    self.clock = clock
  }

  /// Sends what `next` gives until it gives nil. `next` is told the sequence number it gave last, nil at the beginning
  /// and after an interruption, when it starts again with the oldest batch that has no receipt.
  ///
  /// Gives why the server refused a batch, the oldest without a receipt; nil when all have theirs. Fails with what the
  /// closures throw, or `unavailable` after several tries.
  package func send(
    next: @escaping @Sendable (_ after: UInt64?) throws(Failure) -> Outgoing?,
    acknowledge: @escaping @Sendable (Cairn_V1_Receipt) throws(Failure) -> Void
  ) async throws(Failure) -> Failure? {
    var backoff = Backoff()
    while true {
      let attempt = Attempt(waitFor: waitFor, next: next, acknowledge: acknowledge)
      guard let failure = await attempt.run(connection) else { return nil }
      if let refusal = attempt.refusal { return refusal }
      guard failure.kind == .unavailable, !Task.isCancelled else { throw failure }
      if attempt.hasReceipts { backoff.reset() }
      let wait = backoff.next(atLeast: failure.retryAfterMilliseconds, chance: Double.random(in: 0...1))
      guard let wait else { throw failure }
      do { try await clock.sleep(for: .milliseconds(wait)) } catch { throw failure }
    }
  }
}

/// One stream, from its first batch to its last answer.
private final class Attempt: Sendable {
  private struct State {
    var sent = 0
    var answered = 0
    var isExhausted = false
    var failure: Failure?
    var refusal: Failure?
  }

  private let waitFor: Cairn_V1_Finality
  private let next: @Sendable (UInt64?) throws(Failure) -> BatchSender.Outgoing?
  private let acknowledge: @Sendable (Cairn_V1_Receipt) throws(Failure) -> Void
  private let state = Mutex(State())

  init(
    waitFor: Cairn_V1_Finality, next: @escaping @Sendable (UInt64?) throws(Failure) -> BatchSender.Outgoing?,
    acknowledge: @escaping @Sendable (Cairn_V1_Receipt) throws(Failure) -> Void
  ) {
    self.waitFor = waitFor
    self.next = next
    self.acknowledge = acknowledge
  }

  var hasReceipts: Bool { state.withLock { $0.answered > 0 } }

  /// The server's word that a batch will not be recorded, however often it is sent.
  var refusal: Failure? { state.withLock { $0.refusal } }

  /// Why it ended early; nil when everything was sent and answered.
  func run(_ connection: LedgerConnection) async -> Failure? {
    let (slots, slot) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingOldest(BatchSender.maxInFlight))
    for _ in 0..<BatchSender.maxInFlight { slot.yield() }
    do {
      try await connection.ledger.submitStream(options: LedgerConnection.options) { writer in
        try await self.write(to: writer, slots)
      } onResponse: { response in
        for try await answer in response.messages {
          try self.take(answer)
          slot.yield()
        }
      }
    } catch {
      return state.withLock { $0.failure } ?? Failure(anyError: error, server: connection.address)
    }
    return state.withLock { state in
      if let failure = state.failure { return failure }
      if state.isExhausted, state.sent == state.answered { return nil }
      return Failure(
        .unavailable, "STREAM_ENDED", "\(connection.address) ended the stream before it had answered everything")
    }
  }

  private func write(to writer: RPCWriter<Cairn_V1_SubmitStreamRequest>, _ slots: AsyncStream<Void>) async throws {
    var last: UInt64?
    for await _ in slots {
      guard let outgoing = try noting({ () throws(Failure) in try next(last) }) else {
        return state.withLock { $0.isExhausted = true }
      }
      last = outgoing.sequence
      state.withLock { $0.sent += 1 }
      try await writer.write(
        .with {
          $0.batch = outgoing.batch
          $0.waitFor = waitFor
        })
    }
  }

  private func take(_ answer: Cairn_V1_SubmitStreamResponse) throws {
    try noting { () throws(Failure) in
      switch answer.result {
      case .receipt(let receipt): try acknowledge(receipt)
      case .error(let error): throw refusing(Failure(error))
      case nil: throw Failure(.corrupt, "EMPTY_ANSWER", "the server answered a batch with neither receipt nor error")
      }
    }
    state.withLock { $0.answered += 1 }
  }

  private func refusing(_ failure: Failure) -> Failure {
    if failure.kind != .unavailable { state.withLock { $0.refusal = failure } }
    return failure
  }

  /// Keeps the first failure: what the stream makes of it says less.
  private func noting<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    do { return try body() } catch {
      state.withLock { if $0.failure == nil { $0.failure = error } }
      throw error
    }
  }
}
