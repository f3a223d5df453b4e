package import Engine
package import Foundation
package import Primitives

/// What the order needs of an engine: `EngineConnection`, or a queue in memory for tests.
package protocol OrderingEngine: Sendable {
  /// A stream's messages, group by group.
  associatedtype Messages: AsyncSequence & Sendable
  where Messages.Element == [OrderedMessage], Messages.Failure == Failure

  /// Whether it takes messages now.
  var health: EngineHealth { get }
  /// The stream of these terms, made where there is none of that name.
  func ensureStream(_ terms: StreamTerms) async throws(Failure) -> StreamInfo
  /// Throws ENGINE_TERMS where there is a stream of that name with other terms.
  func requireTerms(_ terms: StreamTerms) async throws(Failure)
  /// The stream of that name; ENGINE_NO_STREAM where there is none.
  func streamInfo(_ name: String) async throws(Failure) -> StreamInfo
  /// Publishes in the order of the calls; what it gives waits for the message's sequence.
  func post(
    _ bytes: Data, to subject: String, id: String?, stream: String
  ) throws(Failure) -> @Sendable () async throws(Failure) -> UInt64
  /// Reads from `sequence` on; `created` and `previous` say what stream and what message before it were, in nanoseconds.
  func messages(of stream: String, from sequence: UInt64, created: Int64?, previous: Int64?) -> Messages
  /// Tells whoever listens now.
  func broadcast(_ bytes: Data, to subject: String) throws(Failure)
  /// What others tell from now on.
  func listen(to subject: String) -> AsyncStream<Data>
}

extension EngineConnection: OrderingEngine {
  /// Publishes in the order of the calls; what it gives waits for the message's sequence.
  package func post(
    _ bytes: Data, to subject: String, id: String?, stream: String
  ) throws(Failure) -> @Sendable () async throws(Failure) -> UInt64 {
    let receipt = try send(bytes, to: subject, id: id, stream: stream)
    return { () async throws(Failure) in try await receipt.sequence() }
  }
}
