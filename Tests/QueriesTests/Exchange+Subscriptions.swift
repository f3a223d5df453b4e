import Primitives
import SwiftProtobuf
import Testing
import Wire

@testable import Queries

/// A party's Receive call.
struct Reception {
  private let requests: AsyncThrowingStream<Cairn_V1_ReceiveRequest, any Error>.Continuation
  private var messages: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>.Iterator

  fileprivate init(
    _ requests: AsyncThrowingStream<Cairn_V1_ReceiveRequest, any Error>.Continuation,
    _ messages: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>
  ) {
    self.requests = requests
    self.messages = messages.makeAsyncIterator()
  }

  /// The next message; nil when the call has ended.
  mutating func next() async throws -> Cairn_V1_ReceiveResponse? { try await messages.next(isolation: #isolation) }

  func acknowledge(_ event: Cairn_V1_RecordedEvent) { requests.yield(.with { $0.acknowledge = event.place }) }

  /// All messages until one says that there are no more; each is acknowledged.
  mutating func untilCaughtUp() async throws -> [Cairn_V1_ReceiveResponse] {
    var messages: [Cairn_V1_ReceiveResponse] = []
    while let message = try await next() {
      messages.append(message)
      if let last = message.events.last { acknowledge(last) }
      if message.caughtUp { break }
    }
    return messages
  }
}

extension Cairn_V1_RecordedEvent {
  /// By what it is acknowledged.
  var place: Cairn_V1_LogPlace {
    .with {
      $0.position = position
      $0.recordIndex = recordIndex
    }
  }
}

extension Subscriptions {
  /// Runs `body` while these subscriptions are served.
  func serving<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.run { Issue.record("\($0)") } }
      defer { group.cancelAll() }
      return try await body()
    }
  }
}

extension Exchange {
  func subscribe(
    _ name: String, _ filter: Cairn_V1_EventFilter = .init(), by party: Party, from position: UInt64? = nil
  ) async throws {
    let request = Cairn_V1_CreateSubscriptionRequest.with {
      $0.name = name
      $0.filter = filter
      if let position { $0.fromPosition = position }
    }
    let answer = try await subscriptions.create(request, by: caller(party))
    #expect(answer.created)
  }

  /// Runs `body` with a Receive call, from these subscriptions unless others are given.
  func receiving<Value>(
    _ name: String, by party: Party, from given: Subscriptions? = nil, maxInFlight: UInt32 = 0,
    _ body: (inout Reception) async throws -> Value
  ) async throws -> Value {
    let (requests, request) = AsyncThrowingStream.makeStream(of: Cairn_V1_ReceiveRequest.self)
    let (messages, message) = AsyncThrowingStream.makeStream(of: Cairn_V1_ReceiveResponse.self)
    let (subscriptions, caller) = (given ?? self.subscriptions, caller(party))
    request.yield(
      .with {
        $0.start.name = name
        $0.start.maxInFlight = maxInFlight
      })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await subscriptions.receive(requests, by: caller) { message.yield($0) }
          message.finish()
        } catch { message.finish(throwing: error) }
      }
      defer { group.cancelAll() }
      var reception = Reception(request, messages)
      return try await body(&reception)
    }
  }
}
