import GRPCCore
import SwiftProtobuf

/// The one place where what a handler throws becomes a gRPC status, before its answer begins or while it streams.
struct FailureInterceptor: ServerInterceptor {
  let disclosure: Disclosure

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let method = context.descriptor.fullyQualifiedMethod
    let message = (Input.self as? any Message.Type)?.protoMessageName ?? "\(Input.self)"
    let disclosed = { @Sendable [disclosure] (error: any Error) in
      disclosure.rpcError(for: error, method: method, request: message)
    }
    do {
      var contents = try await next(request, context).accepted.get()
      let producer = contents.producer
      contents.producer = { writer in
        do {
          return try await producer(writer)
        } catch {
          throw disclosed(error)
        }
      }
      return StreamingServerResponse(accepted: .success(contents))
    } catch {
      throw disclosed(error)
    }
  }
}
