package import Foundation

/// A message in its place in a stream.
package struct OrderedMessage: Hashable, Sendable {
  /// Its place; the next message has the next one.
  package var sequence: UInt64
  /// The subject it was published on.
  package var subject: String
  package var bytes: Data
  /// When the engine stored it, by the engine's clock, in nanoseconds since the Unix epoch: tells a message from another that took
  /// its place, and nothing else.
  package var stored: Int64

  /// A message in its place.
  package init(sequence: UInt64, subject: String, bytes: Data, stored: Int64) {
    self.sequence = sequence
    self.subject = subject
    self.bytes = bytes
    self.stored = stored
  }
}
