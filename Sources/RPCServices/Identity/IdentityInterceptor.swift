import Consortium
import GRPCCore
import Queries

/// Finds out who makes each call, refuses what they may not call, and tells the handler as `Caller.current`.
struct IdentityInterceptor: ServerInterceptor {
  let access: AccessControl
  let connections: ConnectionRegistry

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let credentials = try Credentials(
      certificate: connections.certificate(of: context.remotePeer), metadata: request.metadata)
    let admission = try await access.admit(
      context.descriptor, credentials, cancellation: context.cancellation)
    var contents = try await Self.answering(admission) { try await next(request, context).accepted.get() }
    let producer = contents.producer
    contents.producer = { writer in
      try await Self.answering(admission) { try await producer(writer) }
    }
    return StreamingServerResponse(accepted: .success(contents))
  }

  /// Runs a part of the answer in the caller's name. Where the server ended the call, that is the reason, whatever else
  /// the part made of it.
  private static func answering<Result: Sendable>(
    _ admission: AccessControl.Admission, _ part: @Sendable @concurrent () async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await Caller.$current.withValue(admission.caller) {
        try await Queries.Identification.$current.withValue(admission.identification) { try await part() }
      }
      if let ending = admission.ending { throw ending }
      return result
    } catch {
      throw admission.ending ?? error
    }
  }
}
