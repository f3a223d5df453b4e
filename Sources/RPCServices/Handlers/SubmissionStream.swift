import FoundationEssentials
import GRPCCore
import Ordering
import Primitives
import Wire
import WireRPC

/// One `SubmitStream` call: a reader that hands batches in, in order, and a responder that answers them in the same order.
///
/// The reader takes a slot before it reads a batch and the responder gives it back after its answer is written, so a
/// client that does not read its answers stops only its own stream, through HTTP/2 flow control.
struct SubmissionStream {
  /// A batch that was read and not yet answered.
  private struct Submission: Sendable {
    var header: Data
    var waitFor: Cairn_V1_Finality
    var outcome: Result<Ticket, Failure>
  }

  let orderer: Orderer
  let disclosure: Disclosure

  /// Answers every batch until the client has sent its last; after a shutdown began, those already read. Batches that were
  /// handed in are recorded even when nobody is left to hear it: a client that sends them again gets their receipts.
  func run(
    _ requests: RPCAsyncSequence<Cairn_V1_SubmitStreamRequest, any Error>,
    _ responses: RPCWriter<Cairn_V1_SubmitStreamResponse>
  ) async throws {
    let limit = RPCLimits.unansweredBatches
    let (slots, slot) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(limit))
    let (submissions, submission) = AsyncThrowingStream.makeStream(
      of: Submission.self, bufferingPolicy: .bufferingOldest(limit))
    for _ in 0..<limit { slot.yield() }

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await read(requests, slots, into: submission) }
      defer { group.cancelAll() }
      try await withRPCCancellationHandler {
        for try await next in submissions {
          try await responses.write(answer(next))
          slot.yield()
        }
      } onCancelRPC: {
        submission.finish(throwing: CancellationError())
      }
    }
  }

  private func read(
    _ requests: RPCAsyncSequence<Cairn_V1_SubmitStreamRequest, any Error>, _ slots: AsyncStream<Void>,
    into submissions: AsyncThrowingStream<Submission, any Error>.Continuation
  ) async {
    do {
      var requests = requests.makeAsyncIterator()
      for await _ in slots {
        guard let request = try await requests.next() else { break }
        submissions.yield(await submit(request))
      }
      submissions.finish()
    } catch {
      submissions.finish(throwing: error)
    }
  }

  private func submit(_ request: Cairn_V1_SubmitStreamRequest) async -> Submission {
    let outcome: Result<Ticket, Failure>
    do throws(Failure) {
      outcome = .success(try await orderer.enqueueWhenRoom(request.batch))
    } catch {
      outcome = .failure(error)
    }
    return Submission(header: request.batch.header, waitFor: request.waitFor, outcome: outcome)
  }

  private func answer(_ submission: Submission) async -> Cairn_V1_SubmitStreamResponse {
    var response = Cairn_V1_SubmitStreamResponse()
    do throws(Failure) {
      response.receipt = try await submission.outcome.get()
        .receipt(submission.waitFor, until: CallDeadline.finality)
    } catch {
      let method = Cairn_V1_LedgerService.Method.SubmitStream.descriptor.fullyQualifiedMethod
      response.error = Cairn_V1_SubmitError(disclosure.failure(for: error, method: method), header: submission.header)
    }
    return response
  }
}
