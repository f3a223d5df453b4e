package import Consortium
package import FoundationEssentials
import Ledger
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// What a node says of itself from time to time: what its clock shows and the log that it has on its disk.
package struct Mark: Hashable, Sendable {
  /// The ledger it is meant for.
  package let ledgerID: Digest
  /// The epoch it is meant for, from 1.
  package let epoch: UInt64
  /// Counts the key's marks in the epoch, from 1.
  package let number: UInt64
  /// The node's clock, in the years 1970 to 9999.
  package let clock: Instant
  /// The node's log when it made the mark.
  package let log: LogPoint

  /// A mark of these parts.
  package init(ledgerID: Digest, epoch: UInt64, number: UInt64, clock: Instant, log: LogPoint) {
    self.ledgerID = ledgerID
    self.epoch = epoch
    self.number = number
    self.clock = clock
    self.log = log
  }

  /// Parses the bytes that were signed.
  package init(_ bytes: Data) throws(Failure) {
    let wire: Cairn_V1_Mark
    do { wire = try Cairn_V1_Mark(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.Mark")
    }
    ledgerID = try Field.digest(wire.ledgerID, "ledger_id")
    epoch = try Field.count(wire.epoch, "epoch")
    number = try Field.count(wire.number, "number")
    clock = Instant(microseconds: wire.clockMicroseconds)
    guard clock.microseconds >= 0, clock <= .latest else {
      throw .malformed("TIME_OUT_OF_RANGE", field: "clock_microseconds", "a time in the years 1970 to 9999 expected")
    }
    log = LogPoint(
      size: try Field.count(wire.logSize, "log_size"), root: try Field.digest(wire.logRoot, "log_root"))
  }

  private var wire: Cairn_V1_Mark {
    .with {
      $0.ledgerID = Data(ledgerID.bytes)
      $0.epoch = epoch
      $0.number = number
      $0.clockMicroseconds = clock.microseconds
      $0.logSize = log.size
      $0.logRoot = Data(log.root.bytes)
    }
  }

  /// The mark signed with the node's key.
  package func signed(by key: PrivateKey) throws(Failure) -> SignedMark {
    SignedMark(mark: self, signature: try NodeSignature(.mark, try BatchBuilder.serialize(wire), by: key))
  }
}

/// A mark with a signature that is not checked yet.
package struct SignedMark: Hashable, Sendable {
  /// What it says.
  package let mark: Mark
  private let signature: NodeSignature

  fileprivate init(mark: Mark, signature: NodeSignature) {
    self.mark = mark
    self.signature = signature
  }

  /// The key that is said to have signed.
  package var keyID: KeyID { signature.keyID }

  /// Parses a mark from the engine; field paths start at the message.
  package init(_ wire: Cairn_V1_SignedMark) throws(Failure) {
    let bytes = try Field.signed(wire.mark, "mark")
    do { mark = try Mark(bytes) } catch { throw error.under("mark") }
    signature = try NodeSignature(.mark, bytes, keyID: wire.keyID, wire.signature)
  }

  /// The mark as a message.
  package var wire: Cairn_V1_SignedMark {
    .with {
      $0.mark = signature.bytes
      $0.keyID = Data(keyID.digest.bytes)
      $0.signature = signature.wire
    }
  }

  /// Checks who signed; whether the key is in force is decided where the mark stands in the order. Fails with
  /// unauthenticated UNKNOWN_KEY, WRONG_ROLE or INVALID_SIGNATURE.
  package func verified(by directory: Directory) throws(Failure) -> VerifiedMark {
    let key = try signature.verified(by: directory)
    return VerifiedMark(mark: mark, key: key.id, member: key.memberID, signed: self)
  }
}

/// A mark that a registered NODE key signed.
package struct VerifiedMark: Hashable, Sendable {
  /// What it says.
  package let mark: Mark
  /// The key that signed.
  package let key: KeyID
  /// The member that answers for the key.
  package let member: MemberID

  /// The mark as it was signed, for evidence; nil where its signature was never in question.
  package let signed: SignedMark?

  /// A mark whose signature the caller has checked.
  package init(mark: Mark, key: KeyID, member: MemberID, signed: SignedMark? = nil) {
    self.signed = signed
    self.mark = mark
    self.key = key
    self.member = member
  }
}
