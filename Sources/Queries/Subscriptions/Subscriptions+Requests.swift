package import Consortium
import Foundation
import Ledger
package import Primitives
import Provenance
import Store
import SwiftProtobuf
import Synchronization
package import Wire

extension Subscriptions {
  /// Most bytes of filters in one page of a list.
  private static let pageBytes = 1 << 20

  /// Makes a subscription, or answers the one of that name; alreadyExists SUBSCRIPTION_DIFFERS if its filter is another.
  package func create(
    _ request: Cairn_V1_CreateSubscriptionRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_CreateSubscriptionResponse {
    let view = queries.views.current
    let new = NewSubscription(
      member: try Self.member(caller), name: try SubscriptionRules.name(request.name),
      description: try SubscriptionRules.description(request.description_p), filter: try Self.filter(request.filter),
      start: RecordPlace(position: try Self.start(request, in: view), index: 0), createdAt: queries.now())
    let creation = try await store.create(new)
    if !creation.isNew, try Self.filter(creation.subscription) != request.filter {
      throw Failure(
        .alreadyExists, "SUBSCRIPTION_DIFFERS",
        "name: \(new.name) is there with another filter, and a filter is never changed; choose another name, or delete "
          + "that one, and its cursor with it",
        violations: [.init(field: "filter", description: "is not the filter of the subscription of that name")])
    }
    return .with {
      $0.subscription = status(creation.subscription, request.filter)
      $0.created = creation.isNew
    }
  }

  /// One of the caller's member; notFound UNKNOWN_SUBSCRIPTION.
  package func get(
    _ request: Cairn_V1_GetSubscriptionRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_GetSubscriptionResponse {
    let subscription = try await subscription(request.name, field: "name", of: caller)
    let filter = try Self.filter(subscription)
    return .with { $0.subscription = status(subscription, filter) }
  }

  /// All of the caller's member, page by page.
  package func list(
    _ request: Cairn_V1_ListSubscriptionsRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_ListSubscriptionsResponse {
    let limit = try Queries.pageSize(request.pageSize)
    if !request.pageToken.isEmpty { _ = try SubscriptionRules.name(request.pageToken, field: "page_token") }
    let found = try await store.subscriptions(
      of: try Self.member(caller), after: request.pageToken, limit: limit + 1)
    var response = Cairn_V1_ListSubscriptionsResponse()
    var bytes = 0
    for subscription in found.prefix(limit) where bytes < Self.pageBytes {
      response.subscriptions.append(status(subscription, try Self.filter(subscription)))
      bytes += subscription.filter.count
    }
    if response.subscriptions.count < found.count { response.nextPageToken = response.subscriptions.last?.name ?? "" }
    return response
  }

  /// Forgets one of the caller's member, and ends its receiver.
  package func delete(
    _ request: Cairn_V1_DeleteSubscriptionRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_DeleteSubscriptionResponse {
    let name = try SubscriptionRules.name(request.name)
    guard let id = try await store.delete(name, of: try Self.member(caller)) else { throw Self.unknown(name, "name") }
    acknowledgements.forget(id)
    let receiver = switchboard.withLock { $0.detach(receiverOf: id) }
    receiver?.output.finish(throwing: Self.unknown(name, "name"))
    return .init()
  }

  /// Acknowledges and returns when the cursor is on disk.
  package func acknowledge(
    _ request: Cairn_V1_AcknowledgeRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_AcknowledgeResponse {
    let subscription = try await subscription(request.name, field: "name", of: caller)
    guard request.hasThrough else {
      throw .malformed("MISSING_PLACE", field: "through", "the place of the event that is acknowledged must be present")
    }
    let next = try await acknowledge(request.through, of: subscription.id, field: "through")
    try await acknowledgements.advance(subscription.id, to: next)
    return .with { $0.cursor = Cairn_V1_LogPlace(acknowledgements.cursor(subscription)) }
  }

  /// Tells the receiver, if there is one; gives the place that follows. Malformed UNKNOWN_RECORD for one not in the log.
  func acknowledge(_ wire: Cairn_V1_LogPlace, of id: Int64, field: String) async throws(Failure) -> RecordPlace {
    let place = RecordPlace(position: wire.position, index: wire.recordIndex)
    var ordinal = switchboard.withLock { $0.ordinalInFlight(place, of: id) }
    if ordinal == nil { ordinal = try await self.ordinal(of: place, field: field) }
    if let ordinal {
      switchboard.withLock { $0.acknowledge(through: place, ordinal: ordinal, of: id) }
      wake()
    }
    return RecordPlace(position: place.position, index: place.index + 1)
  }

  private func ordinal(of place: RecordPlace, field: String) async throws(Failure) -> UInt64 {
    let view = queries.views.current
    let entry = try await queries.store.read { try $0.entry(at: place.position) }
    guard place.position < view.logSize, let entry, Int(place.index) < entry.recordCount else {
      throw .malformed(
        "UNKNOWN_RECORD", field: field,
        "record \(place.index) of log entry \(place.position) is not in the log of \(view.logSize) entries; acknowledge "
          + "an event by its position and record_index")
    }
    return entry.firstOrdinal + UInt64(place.index)
  }

  /// The caller's member's subscription of that name; notFound UNKNOWN_SUBSCRIPTION.
  func subscription(
    _ name: String, field: String, of caller: Caller
  ) async throws(Failure) -> StoredSubscription {
    let name = try SubscriptionRules.name(name, field: field)
    guard let subscription = try await store.subscription(name, of: try Self.member(caller)) else {
      throw Self.unknown(name, field)
    }
    return subscription
  }

  /// The filter of a subscription that was stored.
  static func filter(_ subscription: StoredSubscription) throws(Failure) -> Cairn_V1_EventFilter {
    do { return try Cairn_V1_EventFilter(serializedBytes: subscription.filter) } catch {
      throw LedgerReader.corrupt("the filter of subscription \(subscription.name)")
    }
  }

  private static func unknown(_ name: String, _ field: String) -> Failure {
    Failure(.notFound, "UNKNOWN_SUBSCRIPTION", "\(field): your member has no subscription \(name); create it first")
  }

  private static func member(_ caller: Caller) throws(Failure) -> MemberID {
    guard case .key(let key) = caller else {
      throw Failure(.unauthenticated, "IDENTITY_REQUIRED", "subscriptions belong to members; present a registered key")
    }
    return key.memberID
  }

  private static func filter(_ wire: Cairn_V1_EventFilter) throws(Failure) -> Data {
    _ = try Queries.filter(wire)
    let bytes = try BatchBuilder.serialize(wire)
    guard bytes.count <= SubscriptionRules.filterBytes else {
      throw .malformed(
        "FILTER_TOO_LARGE", field: "filter",
        "\(bytes.count) bytes; at most \(SubscriptionRules.filterBytes) serialized are kept for a subscription")
    }
    return bytes
  }

  private static func start(
    _ request: Cairn_V1_CreateSubscriptionRequest, in view: LedgerView
  ) throws(Failure) -> UInt64 {
    guard case .fromPosition(let position) = request.start else { return view.logSize }
    guard position <= view.logSize else {
      throw .malformed(
        "BEYOND_LOG", field: "from_position",
        "\(position); this node's log has \(view.logSize) entries, from 0 on; leave it out to begin with what comes")
    }
    return position
  }

  private func status(
    _ subscription: StoredSubscription, _ filter: Cairn_V1_EventFilter
  ) -> Cairn_V1_Subscription {
    let receiver = switchboard.withLock { $0.receiver(of: subscription.id) }
    return .with {
      $0.name = subscription.name
      if filter != Cairn_V1_EventFilter() { $0.filter = filter }
      $0.description_p = subscription.description
      $0.cursor = Cairn_V1_LogPlace(acknowledgements.cursor(subscription))
      $0.logSize = queries.views.current.logSize
      $0.connected = receiver != nil
      $0.inFlight = UInt32(clamping: receiver?.inFlight.count ?? 0)
      $0.createdAtMicroseconds = subscription.createdAt.microseconds
    }
  }
}

extension Cairn_V1_LogPlace {
  init(_ place: RecordPlace) {
    self = .with {
      $0.position = place.position
      $0.recordIndex = place.index
    }
  }
}
