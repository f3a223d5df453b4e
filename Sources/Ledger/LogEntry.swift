package import FoundationEssentials
package import Primitives
package import Signing

/// What the log's Merkle tree is made of: ledger time, signature and header of one batch. Nothing confidential.
///
/// Layout, integers big-endian: `u8 version=1 ‖ u64 ledger time in µs ‖ u8 suite ‖ u16 signature length ‖ signature ‖
/// header bytes`.
package struct LogEntry: Hashable, Sendable {
  /// When the ledger ordered the batch.
  package let ledgerTime: Instant
  /// The algorithm of the signature.
  package let suite: Suite
  /// The author's signature over the header.
  package let signature: Data
  /// The header exactly as received.
  package let header: Data

  private static let version: UInt8 = 1
  private static let fixedBytes = 12

  /// An entry from its parts.
  package init(ledgerTime: Instant, suite: Suite, signature: Data, header: Data) {
    self.ledgerTime = ledgerTime
    self.suite = suite
    self.signature = signature
    self.header = header
  }

  /// The entry's bytes, as they are hashed and stored.
  package var encoded: Data {
    var bytes = Data(capacity: Self.fixedBytes + signature.count + header.count)
    bytes.append(Self.version)
    withUnsafeBytes(of: ledgerTime.microseconds.bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(suite.rawValue)
    withUnsafeBytes(of: UInt16(signature.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(signature)
    bytes.append(header)
    return bytes
  }

  /// Parses an entry's bytes; malformed MALFORMED_LOG_ENTRY says which part is wrong.
  package init(_ bytes: Data) throws(Failure) {
    func malformed(_ what: String) -> Failure { .malformed("MALFORMED_LOG_ENTRY", field: "entry", what) }
    let raw = [UInt8](bytes)
    guard raw.count > Self.fixedBytes else { throw malformed("\(raw.count) bytes are too few for a log entry") }
    guard raw[0] == Self.version else { throw malformed("version \(raw[0]) is not known; 1 expected") }
    let time = raw[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let suite = Suite(rawValue: raw[9]) else { throw malformed("suite \(raw[9]) is not known; 1 to 3 expected") }
    let signatureEnd = Self.fixedBytes + Int(raw[10]) << 8 + Int(raw[11])
    guard signatureEnd < raw.count else { throw malformed("the signature's length passes the entry's end") }
    ledgerTime = Instant(microseconds: Int64(bitPattern: time))
    self.suite = suite
    signature = Data(raw[Self.fixedBytes..<signatureEnd])
    header = Data(raw[signatureEnd...])
  }
}
