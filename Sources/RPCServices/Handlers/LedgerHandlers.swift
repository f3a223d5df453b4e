import GRPCCore
import Ordering
import Queries
import SwiftProtobuf
import Wire
import WireRPC

/// cairn.v1.LedgerService: the one way in, and the log as it grows.
struct LedgerHandlers: Cairn_V1_LedgerService.SimpleServiceProtocol {
  let orderer: Orderer
  let queries: Queries
  let disclosure: Disclosure
  let health: ServerHealth

  func getLedger(request: Cairn_V1_GetLedgerRequest, context: ServerContext) async throws
    -> Cairn_V1_GetLedgerResponse
  {
    try await queries.getLedger(request)
  }

  func getAuthor(request: Cairn_V1_GetAuthorRequest, context: ServerContext) async throws
    -> Cairn_V1_GetAuthorResponse
  {
    try await queries.getAuthor(request)
  }

  func submit(request: Cairn_V1_SubmitRequest, context: ServerContext) async throws -> Cairn_V1_SubmitResponse {
    let ticket = try orderer.enqueue(request.batch)
    let receipt = try await whileCallLasts(context, drainingOnShutdown: health) {
      try await ticket.receipt(request.waitFor, until: CallDeadline.finality)
    }
    return .with { $0.receipt = receipt }
  }

  func submitStream(
    request: RPCAsyncSequence<Cairn_V1_SubmitStreamRequest, any Error>,
    response: RPCWriter<Cairn_V1_SubmitStreamResponse>, context: ServerContext
  ) async throws {
    let stream = SubmissionStream(orderer: orderer, disclosure: disclosure)
    try await whileCallLasts(context, drainingOnShutdown: health) { try await stream.run(request, response) }
  }

  func getReceipt(request: Cairn_V1_GetReceiptRequest, context: ServerContext) async throws
    -> Cairn_V1_GetReceiptResponse
  {
    try await queries.getReceipt(request, by: .current)
  }

  func watchLog(
    request: Cairn_V1_WatchLogRequest, response: RPCWriter<Cairn_V1_WatchLogResponse>, context: ServerContext
  ) async throws {
    try await whileCallLasts(context) {
      try await queries.watchLog(request, by: .current) { try await response.write($0) }
    }
  }
}
