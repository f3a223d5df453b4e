/// Every limit on what comes through the engine, in one place; the comments of proto/cairn/v1/engine.proto state the same
/// figures.
package enum EngineLimits {
  /// A message of the stream, serialized, in bytes.
  package static let messageBytes = 1 << 20
  /// A batch in consortium mode, serialized, in bytes.
  package static let batchBytes = 512 << 10
  /// What a message has around so large a batch: the field's number and length.
  static let envelopeBytes = 4
  /// A serialized mark, statement or place, in bytes.
  package static let signedBytes = 256
  /// A stream's name, in bytes.
  package static let streamNameBytes = 64
  /// While the log does not grow its place is noted anew with every message whose sequence is a multiple of this.
  package static let placeInterval: UInt64 = 256
  /// Statements in an epoch's opening.
  package static let statements = 64
  /// Proofs in an epoch's opening.
  package static let links = 128
  /// Hashes in one of those proofs.
  package static let pathLength = 128
  /// Members whose clocks, and keys whose marks, an order's state holds.
  package static let stateEntries = 4_096
  /// A serialized state of the order, in bytes.
  package static let stateBytes = 1 << 20
  /// A serialized last-signed state, in bytes; exactly.
  package static let lastSignedBytes = 58
  /// Checkpoints that a certifier keeps open; the oldest are given up, which later ones make good.
  package static let openCheckpoints = 256
  /// Cosignatures of one key that a certifier keeps for checkpoints which its own log has not reached.
  package static let earlyCosignatures = 256
  /// Contradictions that a certifier reports.
  package static let divergences = 64
}
