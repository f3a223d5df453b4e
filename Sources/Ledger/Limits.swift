/// Every limit of the way in, in one place; the comments of proto/cairn/v1 state the same figures.
package enum Limits {
  /// A serialized batch, in bytes.
  package static let batchBytes = 4 << 20
  /// Records in a batch.
  package static let recordsPerBatch = 10_000
  /// A serialized record, in bytes.
  package static let recordBytes = 65_536
  /// A serialized batch header, in bytes.
  package static let headerBytes = 1_024
  /// A record's salt, in bytes; exactly.
  package static let saltBytes = 16
  /// Signatures of every suite, in bytes; exactly.
  package static let signatureBytes = 64
  /// The field and the message of a record error in a receipt, each, in bytes.
  package static let errorMessageBytes = 256
}
