import GRPCCore
import Queries
import Wire
import WireRPC

/// cairn.v1.ProvenanceService: questions about items.
struct ProvenanceHandlers: Cairn_V1_ProvenanceService.SimpleServiceProtocol {
  let queries: Queries

  func queryEvents(request: Cairn_V1_QueryEventsRequest, context: ServerContext) async throws
    -> Cairn_V1_QueryEventsResponse
  {
    guard request.prove else { return try await queries.queryEvents(request, by: .current) }
    return try await whileCallLasts(context) { try await queries.queryEvents(request, by: .current) }
  }

  func listItemHistory(request: Cairn_V1_ListItemHistoryRequest, context: ServerContext) async throws
    -> Cairn_V1_ListItemHistoryResponse
  {
    guard request.prove else { return try await queries.listItemHistory(request, by: .current) }
    return try await whileCallLasts(context) { try await queries.listItemHistory(request, by: .current) }
  }

  func trace(
    request: Cairn_V1_TraceRequest, response: RPCWriter<Cairn_V1_TraceResponse>, context: ServerContext
  ) async throws {
    try await whileCallLasts(context) {
      try await queries.trace(request, by: .current) { try await response.write($0) }
    }
  }

  func getItem(request: Cairn_V1_GetItemRequest, context: ServerContext) async throws -> Cairn_V1_GetItemResponse {
    try await queries.getItem(request, by: .current)
  }
}
