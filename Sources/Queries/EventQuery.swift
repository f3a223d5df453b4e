import Foundation
import Ledger
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// What QueryEvents is asked, read and within its limits.
struct EventQuery {
  let filter: EventFilter
  let pageSize: Int
  /// Nil: by place in the ledger.
  let order: EventOrder?
  let isDescending: Bool
  /// Most events on all pages together.
  let countLimit: UInt64?
  /// More events than these are refused.
  let maximumCount: Int?
  /// What all pages of the question share.
  let words: Data

  init(_ request: Cairn_V1_QueryEventsRequest) throws(Failure) {
    do { filter = try EventFilter(request.filter) } catch { throw error.under("filter") }
    pageSize = try Queries.pageSize(request.pageSize)
    order = try EventOrder(request)
    switch request.orderDirection {
    case .unspecified, .ascending: isDescending = false
    case .descending: isDescending = true
    case .UNRECOGNIZED(let number):
      throw .malformed("UNKNOWN_ORDER", field: "order_direction", "\(number) is neither ASCENDING nor DESCENDING")
    }
    (countLimit, maximumCount) = try Self.limits(request)
    var shared = request
    (shared.pageSize, shared.pageToken, shared.minimumLogSize) = (0, "", 0)
    (shared.describe, shared.prove) = (false, false)
    words = try BatchBuilder.serialize(shared)
  }

  private static func limits(
    _ request: Cairn_V1_QueryEventsRequest
  ) throws(Failure) -> (count: UInt64?, maximum: Int?) {
    let (count, maximum) = (request.eventCountLimit, request.maxEventCount)
    guard count == 0 || maximum == 0 else {
      throw .malformed(
        "CONFLICTING_LIMITS", field: "max_event_count", "cannot be asked for together with event_count_limit")
    }
    guard maximum <= EventSearch.maxCandidates else {
      throw .malformed(
        "OUT_OF_RANGE", field: "max_event_count", "is \(maximum); at most \(EventSearch.maxCandidates) can be counted")
    }
    return (count == 0 ? nil : UInt64(count), maximum == 0 ? nil : Int(maximum))
  }
}
