/// What a stream must be like. Every stream keeps its messages in files, until its limits; refuses new ones when it is full; and
/// lets nobody delete or purge.
package struct StreamTerms: Hashable, Sendable {
  package var name: String
  /// The subjects that the stream records.
  package var subjects: [String]
  /// Servers that hold the stream: 1, 3 or 5.
  package var replicas: Int
  /// Bytes that the stream may hold; -1 is no limit.
  package var maxBytes: Int64
  /// Bytes of one message with its headers.
  package var maxMessageBytes: Int32
  /// Seconds after which messages are removed; 0 is never.
  package var maxAgeSeconds: Int64
  /// Seconds in which a message id is recorded once.
  package var duplicateWindowSeconds: Int64

  /// Names a stream and its subjects; the rest has the consortium's values.
  package init(
    name: String, subjects: [String], replicas: Int, maxBytes: Int64 = -1, maxMessageBytes: Int32 = 1 << 20,
    maxAgeSeconds: Int64 = 0, duplicateWindowSeconds: Int64 = 120
  ) {
    self.name = name
    self.subjects = subjects
    self.replicas = replicas
    self.maxBytes = maxBytes
    self.maxMessageBytes = maxMessageBytes
    self.maxAgeSeconds = maxAgeSeconds
    self.duplicateWindowSeconds = duplicateWindowSeconds
  }
}
