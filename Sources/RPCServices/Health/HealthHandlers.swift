import GRPCCore
import Primitives
import SwiftProtobuf
import Wire
import WireRPC

/// grpc.health.v1.Health over the server's own state.
struct HealthHandlers: Grpc_Health_V1_Health.SimpleServiceProtocol {
  let health: ServerHealth

  func check(request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext) async throws
    -> Grpc_Health_V1_HealthCheckResponse
  {
    let status = health.status(of: request.service)
    guard status != .unknownService else {
      throw Failure(.notFound, "UNKNOWN_SERVICE", "this server has no such service; List names those it has")
    }
    return Grpc_Health_V1_HealthCheckResponse(status)
  }

  func list(request: Grpc_Health_V1_HealthListRequest, context: ServerContext) async throws
    -> Grpc_Health_V1_HealthListResponse
  {
    .with { $0.statuses = health.statuses().mapValues(Grpc_Health_V1_HealthCheckResponse.init) }
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    let watch = health.watch(request.service)
    try await whileCallLasts(context, drainingOnShutdown: health) {
      for await status in watch.statuses { try await response.write(Grpc_Health_V1_HealthCheckResponse(status)) }
    }
  }
}

extension Grpc_Health_V1_HealthCheckResponse {
  fileprivate init(_ status: ServerHealth.Status) {
    self.init()
    self.status =
      switch status {
      case .serving: .serving
      case .notServing: .notServing
      case .unknownService: .serviceUnknown
      }
  }
}
