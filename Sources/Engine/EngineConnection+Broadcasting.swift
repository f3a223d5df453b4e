package import Foundation
package import Primitives

extension EngineConnection {
  /// Messages that a listener keeps; of more the newest.
  static var listenerMessages: Int { 1024 }
  /// Bytes of a broadcast; larger ones are neither sent nor heard.
  package static var maxBroadcastBytes: Int { 64 << 10 }

  /// Sends to whoever listens now, other than this connection; nothing is recorded, nothing is acknowledged.
  package func broadcast(_ bytes: Data, to subject: String) throws(Failure) {
    guard EngineSubject.isPlain(subject) else {
      throw .malformed("ENGINE_SUBJECT", field: "subject", "a subject without wildcards expected, \(subject) found")
    }
    guard bytes.count <= Self.maxBroadcastBytes else {
      throw .engineMessageTooLarge("\(bytes.count) bytes, a broadcast has at most \(Self.maxBroadcastBytes)")
    }
    try core.post(bytes, to: subject)
  }

  /// What others broadcast on `subject`, which may have wildcards, from now until the connection is closed or the task is cancelled; what
  /// comes while the engine is away is missed.
  package func listen(to subject: String) -> AsyncStream<Data> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Data.self, bufferingPolicy: .bufferingNewest(Self.listenerMessages))
    core.listen(to: subject, continuation)
    return stream
  }
}
