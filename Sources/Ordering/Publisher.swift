import Consensus
import Engine
import Ledger
import Primitives

/// Hands what the intake holds to the engine, members in turn, and waits for the engine's word on each.
struct Publisher<Engine: OrderingEngine>: Sendable {
  /// Batches that wait for the engine's word: half of what the engine's client takes, so that marks always pass.
  static var inFlight: Int { EngineOptions.maxInFlight / 2 }

  /// A batch that the engine was given.
  private struct Sent: Sendable {
    let submission: Submission
    let sequence: @Sendable () async throws(Failure) -> UInt64
  }

  let engine: Engine
  let names: StreamNames
  /// The subject of this node's batches.
  let batches: String
  let pending: PendingBatches
  /// Whether the author of that header has used its number in what readers see.
  let isTaken: @Sendable (BatchHeader) -> Bool
  /// Why nothing is published, if so.
  let refusal: @Sendable () -> Failure?

  /// Publishes until the intake is closed and empty, and everything published has the engine's word.
  func run(_ intake: Intake) async {
    let (slots, slot) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(Self.inFlight))
    for _ in 0..<Self.inFlight { slot.yield() }
    let (sent, next) = AsyncStream.makeStream(of: Sent.self, bufferingPolicy: .unbounded)
    await withTaskGroup { group in
      group.addTask {
        for await one in sent {
          await settle(one)
          slot.yield()
        }
      }
      var free = slots.makeAsyncIterator()
      while let submissions = await intake.next() {
        for submission in submissions {
          _ = await free.next()
          guard let one = publish(submission) else {
            slot.yield()
            continue
          }
          next.yield(one)
        }
      }
      next.finish()
    }
  }

  /// Publishes a batch; where that fails it is refused.
  private func publish(_ submission: Submission, id: String? = nil) -> Sent? {
    pending.add(submission)
    do throws(Failure) {
      if let refusal = refusal() { throw refusal }
      let sequence = try engine.post(
        try OrderedItem.message(submission.batch.wire), to: batches,
        id: id ?? submission.batch.header.digest.description,
        stream: names.stream)
      return Sent(submission: submission, sequence: sequence)
    } catch {
      refuse(submission, error)
      return nil
    }
  }

  /// Takes the engine's word. A batch whose message was passed before is in the log already, or was refused in its place and
  /// is given another one.
  private func settle(_ sent: Sent) async {
    do throws(Failure) {
      let sequence = try await sent.sequence()
      guard pending.isPassed(sent.submission, at: sequence), pending.remove(sent.submission) else { return }
      let header = sent.submission.batch.header
      if isTaken(header) {
        sent.submission.answer.give(.alreadySequenced)
      } else if let again = publish(sent.submission, id: "\(header.digest).\(sequence)") {
        await settle(again)
      }
    } catch { refuse(sent.submission, error) }
  }

  /// Refuses a batch, unless it has come back in its place meanwhile.
  private func refuse(_ submission: Submission, _ failure: Failure) {
    if pending.remove(submission) { submission.answer.give(.refused(failure)) }
  }
}
