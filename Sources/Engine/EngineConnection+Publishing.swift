package import Foundation
package import Primitives

/// A message on its way into a stream.
package struct EngineReceipt: Sendable {
  let reply: PendingReply
  let stream: String
  let core: EngineCore

  /// The message's place, once the stream has it on a majority of its servers; the place of the first one where the same id was recorded
  /// within the duplicate window. Throws ENGINE_TIMEOUT where the outcome is unknown; every other failure says that it was not recorded.
  package func sequence() async throws(Failure) -> UInt64 {
    let answer: PublishAnswer = try EngineAPI.decode(try await reply.value())
    if let error = answer.error { throw error.failure(publishingTo: stream) }
    guard answer.stream == stream, let sequence = answer.seq else {
      throw .engineRefused("\(answer.stream ?? "no stream") records \(reply.subject), \(stream) was expected")
    }
    core.majorityAnswered()
    return sequence
  }
}

private struct PublishAnswer: Decodable {
  var stream: String?
  var seq: UInt64?
  var error: EngineAPI.Refusal?
}

extension EngineConnection {
  /// Publishes and waits until the stream has the message: its sequence. See `send`.
  package func publish(
    _ bytes: Data, to subject: String, id: String?, stream: String
  ) async throws(Failure) -> UInt64 {
    try await send(bytes, to: subject, id: id, stream: stream).sequence()
  }

  /// Publishes without waiting. Messages are sent in the order of the calls. `id` is recorded once within the stream's duplicate
  /// window. Throws at once: ENGINE_AWAY, ENGINE_BUSY where 1,024 messages or 32 MiB are in flight.
  package func send(
    _ bytes: Data, to subject: String, id: String?, stream: String
  ) throws(Failure) -> EngineReceipt {
    var headers = [("Nats-Expected-Stream", stream)]
    if let id {
      guard EngineSubject.isWellFormed(id) else {
        throw .malformed("ENGINE_ID", field: "id", "1 to 255 printable characters expected")
      }
      headers.append(("Nats-Msg-Id", id))
    }
    return EngineReceipt(reply: try core.request(bytes, to: subject, headers: headers), stream: stream, core: core)
  }
}
