package import FoundationEssentials
package import Primitives
import Signing
import SwiftProtobuf
package import Wire

/// A batch header, parsed from the bytes that were signed.
package struct BatchHeader: Sendable {
  /// The only format version there is.
  package static let version: UInt32 = 1

  /// The header exactly as received.
  package let bytes: Data
  /// SHA-256 of those bytes: how the author's next header names this one.
  package let digest: Digest
  /// The ledger it is meant for; nil in a genesis header.
  package let ledgerID: Digest?
  package let authorKeyID: KeyID
  /// Counts the author's batches from 1.
  package let sequence: UInt64
  /// The author's previous header; nil when sequence is 1.
  package let previousDigest: Digest?
  /// The author's clock.
  package let createdAt: Instant
  package let clockQuality: Cairn_V1_ClockQuality
  /// 1 to 10,000.
  package let recordCount: Int
  /// The tree hash over the records.
  package let recordsRoot: Digest
  /// Whether a bad record is logged without effect instead of refusing the batch.
  package let skipsBadRecords: Bool

  /// Parses a header; field paths start at `header`.
  package init(_ bytes: Data) throws(Failure) {
    guard (1...Limits.headerBytes).contains(bytes.count) else {
      throw .malformed("HEADER_SIZE", field: "header", "\(bytes.count) bytes; 1 to \(Limits.headerBytes) expected")
    }
    let wire: Cairn_V1_BatchHeader
    do { wire = try Cairn_V1_BatchHeader(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "header", "not a serialized cairn.v1.BatchHeader")
    }
    do { try self.init(wire, bytes: bytes) } catch { throw error.under("header") }
  }

  private init(_ wire: Cairn_V1_BatchHeader, bytes: Data) throws(Failure) {
    guard wire.version == Self.version else {
      throw .malformed("UNKNOWN_VERSION", field: "version", "version \(wire.version) is not known; 1 expected")
    }
    guard let authorKeyID = KeyID(wire.authorKeyID) else {
      throw .malformed("MALFORMED_KEY_ID", field: "author_key_id", Self.notADigest(wire.authorKeyID))
    }
    guard let recordsRoot = Digest(wire.recordsRoot) else {
      throw .malformed("MALFORMED_DIGEST", field: "records_root", Self.notADigest(wire.recordsRoot))
    }
    guard wire.sequence >= 1, wire.sequence <= UInt64(Int64.max) else {
      throw .malformed("SEQUENCE_OUT_OF_RANGE", field: "sequence", "a key's first batch has sequence 1")
    }
    guard (1...Limits.recordsPerBatch).contains(Int(wire.recordCount)) else {
      throw .malformed(
        "RECORD_COUNT_OUT_OF_RANGE", field: "record_count",
        "\(wire.recordCount); 1 to \(Limits.recordsPerBatch) records expected")
    }
    self.bytes = bytes
    digest = SHA256.hash(bytes)
    ledgerID = try Self.optionalDigest(wire.ledgerID, "ledger_id")
    self.authorKeyID = authorKeyID
    sequence = wire.sequence
    previousDigest = try Self.optionalDigest(wire.previousHeaderDigest, "previous_header_digest")
    guard (previousDigest == nil) == (sequence == 1) else {
      throw .malformed(
        "PREVIOUS_DIGEST_MISMATCH", field: "previous_header_digest",
        "empty for sequence 1, otherwise the SHA-256 of the key's previous header")
    }
    createdAt = Instant(microseconds: wire.createdAtMicroseconds)
    guard createdAt.isWithinCalendar else {
      throw .malformed("TIME_OUT_OF_RANGE", field: "created_at_microseconds", "a time in the years 1 to 9999 expected")
    }
    clockQuality = wire.clockQuality
    recordCount = Int(wire.recordCount)
    self.recordsRoot = recordsRoot
    switch wire.onError {
    case .unspecified, .rejectBatch: skipsBadRecords = false
    case .skipRecord: skipsBadRecords = true
    case .UNRECOGNIZED(let value):
      throw .malformed("UNKNOWN_ON_ERROR", field: "on_error", "\(value) is not a value of OnError")
    }
  }

  private static func optionalDigest(_ bytes: Data, _ field: String) throws(Failure) -> Digest? {
    if bytes.isEmpty { return nil }
    guard let digest = Digest(bytes) else { throw .malformed("MALFORMED_DIGEST", field: field, notADigest(bytes)) }
    return digest
  }

  private static func notADigest(_ bytes: Data) -> String { "\(bytes.count) bytes; 32 expected" }
}
