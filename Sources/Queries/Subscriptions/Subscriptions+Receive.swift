package import Consortium
import Primitives
import Provenance
import Store
import Synchronization
package import Wire

extension Subscriptions {
  /// Delivers a subscription's events until the client is gone, another call takes over, or the subscription is deleted.
  /// The next message is made only when the last one was taken: a slow client costs one page of memory.
  package func receive(
    _ requests: some AsyncSequence<Cairn_V1_ReceiveRequest, any Error> & Sendable, by caller: Caller,
    emit: (Cairn_V1_ReceiveResponse) async throws -> Void
  ) async throws {
    let (responses, output) = AsyncThrowingStream.makeStream(of: Cairn_V1_ReceiveResponse.self)
    let id = switchboard.withLock { $0.makeID() }
    defer {
      let idle = switchboard.withLock { $0.detach(id).flatMap($0.idle) }
      if let idle { acknowledgements.advance([idle.subscription: idle.cursor]) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.read(requests, into: output, id, by: caller) }
      defer { group.cancelAll() }
      for try await response in responses {
        try await emit(response)
        switchboard.withLock { $0.written(id) }
        wake()
      }
      try Task.checkCancellation()
    }
  }

  /// Takes what the client sends, until it sends no more; what is wrong with it ends the call.
  private func read(
    _ requests: some AsyncSequence<Cairn_V1_ReceiveRequest, any Error> & Sendable,
    into output: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>.Continuation, _ id: UInt64,
    by caller: Caller
  ) async {
    do {
      var subscription: Int64?
      for try await request in requests {
        switch (request.request, subscription) {
        case (.start(let start), nil): subscription = try await attach(start, id, output, by: caller)
        case (.acknowledge(let place), let subscription?):
          let next = try await acknowledge(place, of: subscription, field: "acknowledge")
          acknowledgements.advance([subscription: next])
        default: throw Self.outOfTurn(request.request, hasStarted: subscription != nil)
        }
      }
      if subscription == nil { throw Self.outOfTurn(nil, hasStarted: false) }
    } catch {
      output.finish(throwing: error)
    }
  }

  private func attach(
    _ start: Cairn_V1_ReceiveStart, _ id: UInt64,
    _ output: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>.Continuation, by caller: Caller
  ) async throws(Failure) -> Int64 {
    let maxInFlight = try SubscriptionRules.maxInFlight(start.maxInFlight)
    let subscription = try await subscription(start.name, field: "start.name", of: caller)
    let filter = try Queries.filter(try Self.filter(subscription))
    let view = queries.views.current
    let cursor = acknowledgements.cursor(subscription)
    let entry = try await queries.store.read { try $0.entry(at: cursor.position) }
    // A cursor at the log's end, or beyond it where the ledger was put back from a copy, goes on with what comes.
    let next = entry.map { $0.firstOrdinal + UInt64(cursor.index) } ?? view.recordCount
    let receiver = Receiver(
      subscription: subscription.id, caller: caller, follower: .init(id, filter), maxInFlight: maxInFlight,
      arrivedAt: view.logSize, output: output, phase: .searching(from: min(next, view.recordCount)))
    let old = switchboard.withLock { $0.attach(id, receiver) }
    old?.output.finish(
      throwing: Failure(
        .conflict, "SUBSCRIPTION_TAKEN_OVER",
        "another call receives from \(start.name) now; a subscription has one receiver at a time"))
    wake()
    return subscription.id
  }

  private static func outOfTurn(
    _ request: Cairn_V1_ReceiveRequest.OneOf_Request?, hasStarted: Bool
  ) -> Failure {
    switch request {
    case .start:
      .malformed("ALREADY_STARTED", field: "start", "this call receives already; open another one")
    case .acknowledge, nil:
      hasStarted
        ? .malformed("MISSING_REQUEST", field: "acknowledge", "a message must start or acknowledge")
        : .malformed("MISSING_START", field: "start", "the first message must name the subscription")
    }
  }
}
