/// What the engine tells about a stream.
package struct StreamInfo: Hashable, Sendable {
  package var name: String
  /// When the stream was made, in nanoseconds since the Unix epoch: with the name, which stream it is.
  package var created: Int64
  /// The sequence of the oldest message that is left; one above the last where there is none.
  package var firstSequence: UInt64
  /// The sequence of the newest message; 0 where there was none.
  package var lastSequence: UInt64
  package var bytes: UInt64
  package var replicas: Int
  /// The name of the server that leads the stream; nil while none does.
  package var leader: String?

  /// What a server, or a test's engine, tells.
  package init(
    name: String, created: Int64, firstSequence: UInt64, lastSequence: UInt64, bytes: UInt64, replicas: Int,
    leader: String?
  ) {
    self.name = name
    self.created = created
    self.firstSequence = firstSequence
    self.lastSequence = lastSequence
    self.bytes = bytes
    self.replicas = replicas
    self.leader = leader
  }
}
