import GRPCCore
import Queries
import Wire
import WireRPC

/// cairn.v1.SubscriptionService: events as they are recorded, for members who must not miss one.
struct SubscriptionHandlers: Cairn_V1_SubscriptionService.SimpleServiceProtocol {
  let subscriptions: Subscriptions

  func createSubscription(request: Cairn_V1_CreateSubscriptionRequest, context: ServerContext) async throws
    -> Cairn_V1_CreateSubscriptionResponse
  {
    try await subscriptions.create(request, by: .current)
  }

  func getSubscription(request: Cairn_V1_GetSubscriptionRequest, context: ServerContext) async throws
    -> Cairn_V1_GetSubscriptionResponse
  {
    try await subscriptions.get(request, by: .current)
  }

  func listSubscriptions(request: Cairn_V1_ListSubscriptionsRequest, context: ServerContext) async throws
    -> Cairn_V1_ListSubscriptionsResponse
  {
    try await subscriptions.list(request, by: .current)
  }

  func deleteSubscription(request: Cairn_V1_DeleteSubscriptionRequest, context: ServerContext) async throws
    -> Cairn_V1_DeleteSubscriptionResponse
  {
    try await subscriptions.delete(request, by: .current)
  }

  func receive(
    request: RPCAsyncSequence<Cairn_V1_ReceiveRequest, any Error>, response: RPCWriter<Cairn_V1_ReceiveResponse>,
    context: ServerContext
  ) async throws {
    try await whileCallLasts(context) {
      try await subscriptions.receive(request, by: .current) { try await response.write($0) }
    }
  }

  func acknowledge(request: Cairn_V1_AcknowledgeRequest, context: ServerContext) async throws
    -> Cairn_V1_AcknowledgeResponse
  {
    try await subscriptions.acknowledge(request, by: .current)
  }
}
