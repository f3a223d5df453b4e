import GRPCCore
package import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

extension LedgerConnection {
  /// Makes a subscription, or gives the one of that name and filter.
  package func createSubscription(
    _ request: Cairn_V1_CreateSubscriptionRequest
  ) async throws(Failure) -> Cairn_V1_CreateSubscriptionResponse {
    try await call { try await $0.subscriptions.createSubscription(request, options: Self.options) }
  }

  /// One of the member's subscriptions; nil if it has none of that name.
  package func subscription(_ name: String) async throws(Failure) -> Cairn_V1_Subscription? {
    let request = Cairn_V1_GetSubscriptionRequest.with { $0.name = name }
    do {
      return try await call { try await $0.subscriptions.getSubscription(request, options: Self.options) }.subscription
    } catch {
      guard error.reason == "UNKNOWN_SUBSCRIPTION" else { throw error }
      return nil
    }
  }

  /// All of the member's subscriptions, by name.
  package func memberSubscriptions() async throws(Failure) -> [Cairn_V1_Subscription] {
    var request = Cairn_V1_ListSubscriptionsRequest()
    request.pageSize = 1_000
    var subscriptions: [Cairn_V1_Subscription] = []
    repeat {
      let page = request
      let response = try await call { try await $0.subscriptions.listSubscriptions(page, options: Self.options) }
      subscriptions += response.subscriptions
      request.pageToken = response.nextPageToken
    } while !request.pageToken.isEmpty
    return subscriptions
  }

  /// Forgets a subscription.
  package func deleteSubscription(_ name: String) async throws(Failure) {
    let request = Cairn_V1_DeleteSubscriptionRequest.with { $0.name = name }
    _ = try await call { try await $0.subscriptions.deleteSubscription(request, options: Self.options) }
  }

  /// Receives from a subscription, each message handed to `visit` and then acknowledged, until `visit` says false; what was
  /// visited is then acknowledged on the server's disk. Fails with what ends the call.
  package func receive(
    _ name: String, maxInFlight: UInt32, _ visit: @escaping @Sendable (Cairn_V1_ReceiveResponse) throws -> Bool
  ) async throws(Failure) {
    let (places, acknowledge) = AsyncStream.makeStream(of: Cairn_V1_LogPlace.self)
    let last = try await call { connection in
      try await connection.subscriptions.receive(options: Self.options) { writer in
        try await writer.write(
          .with {
            $0.start.name = name
            $0.start.maxInFlight = maxInFlight
          })
        for await place in places { try await writer.write(.with { $0.acknowledge = place }) }
      } onResponse: { response in
        var last: Cairn_V1_LogPlace?
        for try await message in response.messages {
          let goesOn = try visit(message)
          if let event = message.events.last {
            let place = Cairn_V1_LogPlace.with {
              $0.position = event.position
              $0.recordIndex = event.recordIndex
            }
            last = place
            acknowledge.yield(place)
          }
          if !goesOn { break }
        }
        acknowledge.finish()
        return last
      }
    }
    guard let last else { return }
    let request = Cairn_V1_AcknowledgeRequest.with {
      $0.name = name
      $0.through = last
    }
    _ = try await call { try await $0.subscriptions.acknowledge(request, options: Self.options) }
  }
}
