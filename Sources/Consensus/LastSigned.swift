package import FoundationEssentials
import Merkle
package import Primitives

/// A node's promise, kept where no backup rolls it back: the largest log that it ever cosigned, in whatever epoch and with
/// whatever key. It is written before the signature is made, and never made smaller.
package struct LastSigned: Hashable, Sendable {
  /// The epoch in which the node is, or which it has left.
  package let epoch: UInt64
  /// Whether it has left: nothing is signed before the next one begins.
  package let isClosed: Bool
  /// The largest log that it ever cosigned; nil before the first.
  package let log: LogPoint?

  /// A promise of these parts.
  package init(epoch: UInt64 = 1, isClosed: Bool = false, log: LogPoint? = nil) {
    self.epoch = epoch
    self.isClosed = isClosed
    self.log = log
  }

  /// Entries of the largest log that it ever cosigned; 0 before the first.
  package var size: UInt64 { log?.size ?? 0 }

  /// The promise after cosigning `log`.
  package func signing(_ log: LogPoint) -> LastSigned { LastSigned(epoch: epoch, isClosed: isClosed, log: log) }

  /// The promise after leaving the epoch.
  package var closed: LastSigned { LastSigned(epoch: epoch, isClosed: true, log: log) }

  /// The promise when `next` begins: what was signed stays signed. Fails with EPOCH_NOT_CLOSED unless `next` comes after an
  /// epoch that was left.
  package func opening(_ next: UInt64) throws(Failure) -> LastSigned {
    guard isClosed, next > epoch else {
      throw Failure(
        .preconditionFailed, "EPOCH_NOT_CLOSED",
        "epoch \(next) begins for a node that has left the one before; this node \(isClosed ? "left" : "is in") "
          + "epoch \(epoch): run cairnd recover close first")
    }
    return LastSigned(epoch: next, isClosed: false, log: log)
  }
}

extension LastSigned {
  /// The form in which it is kept: version 1, flags, epoch, size, root; always 58 bytes with a checksum of 8.
  package var serialized: Data {
    var bytes: [UInt8] = [1, (isClosed ? 1 : 0) | (log == nil ? 0 : 2)]
    bytes += withUnsafeBytes(of: epoch.bigEndian, Array.init)
    bytes += withUnsafeBytes(of: size.bigEndian, Array.init)
    bytes += log?.root.bytes ?? Array(repeating: 0, count: Digest.byteCount)
    return Data(bytes + Self.checksum(bytes))
  }

  /// Reads what `serialized` wrote; fails with corrupt MALFORMED_LAST_SIGNED. A node must not sign without its promise.
  package init(_ bytes: Data) throws(Failure) {
    let bytes = Array(bytes)
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    guard bytes.count == EngineLimits.lastSignedBytes, bytes[0] == 1, bytes[1] < 4,
      Self.checksum(Array(bytes[..<50])) == Array(bytes[50...]), number(2..<10) > 0, let root = Digest(bytes[18..<50])
    else {
      throw Failure(
        .corrupt, "MALFORMED_LAST_SIGNED",
        "the last-signed file is damaged; this node must not sign until its operator has found out what it last signed")
    }
    let log = bytes[1] & 2 == 0 ? nil : LogPoint(size: number(10..<18), root: root)
    self.init(epoch: number(2..<10), isClosed: bytes[1] & 1 == 1, log: log)
  }

  private static func checksum(_ bytes: [UInt8]) -> [UInt8] { Array(MerkleTree.leafHash(bytes).bytes.prefix(8)) }
}
