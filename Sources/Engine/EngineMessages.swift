package import Primitives

/// A stream's messages in their order, from a place on: groups of one or more messages, what is there, at most 4 MiB, each sequence one above
/// the one before. It waits while there is nothing and while the engine is away, and ends when its task is cancelled or the connection
/// closed. It throws, and is then over, rather than leave a message out:
/// ENGINE_TRIMMED where the next message was removed by the stream's limits, ENGINE_ROLLED_BACK where the stream is shorter than what was read
/// from it or has another message in the place of the last one, ENGINE_LOST where the stream is gone, another one, or lacks a message.
package struct EngineMessages: AsyncSequence, Sendable {
  package typealias Element = [OrderedMessage]
  package typealias Failure = Primitives.Failure

  let core: EngineCore
  let stream: String
  let place: ReadingPlace

  /// Every iterator reads for itself.
  package func makeAsyncIterator() -> Iterator {
    Iterator(reader: StreamReader(core, stream: stream, place: place))
  }

  /// Reads for one task.
  package struct Iterator: AsyncIteratorProtocol {
    let reader: StreamReader

    /// The next group; nil at the end.
    package mutating func next() async throws(Failure) -> [OrderedMessage]? { try await reader.next() }

    /// The next group; nil at the end.
    package mutating func next(isolation actor: isolated (any Actor)?) async throws(Failure) -> [OrderedMessage]? {
      try await reader.next()
    }
  }
}

/// Where a reader is in its stream.
struct ReadingPlace: Hashable, Sendable {
  /// The sequence to be read next.
  var next: UInt64
  /// When the stream was made, in nanoseconds since the Unix epoch; nil until it is known.
  var created: Int64?
  /// When the message before the next was stored; nil where that is not known.
  var previous: Int64?
}

extension EngineConnection {
  /// Reads `stream` from `sequence`, counted from 1, on. Whoever read before gives the stream's `created` and the `stored` of the message
  /// before `sequence`: then a stream that is another one, or was put back and grew again, is found out. `stored` alone decides where the
  /// stream still has that message; where nothing was read, every stream of that name is the one.
  package func messages(
    of stream: String, from sequence: UInt64, created: Int64? = nil, previous: Int64? = nil
  ) -> EngineMessages {
    EngineMessages(
      core: core, stream: stream,
      place: ReadingPlace(next: Swift.max(1, sequence), created: created, previous: sequence > 1 ? previous : nil))
  }
}
