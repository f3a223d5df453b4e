package import Consortium
package import FoundationEssentials
import Ledger
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// What a node says when it leaves an epoch: that it applies and signs nothing more in it, and how far it had come.
package struct Statement: Hashable, Sendable {
  /// The ledger.
  package let ledgerID: Digest
  /// The epoch that the node has left, from 1.
  package let closedEpoch: UInt64
  /// The largest checkpoint that the node ever cosigned; nil if it never did.
  package let signed: LogPoint?
  /// Entries under the largest checkpoint that the node knows to be final.
  package let finalSize: UInt64
  /// The node's log.
  package let log: LogPoint

  /// A statement of these parts.
  package init(ledgerID: Digest, closedEpoch: UInt64, signed: LogPoint?, finalSize: UInt64, log: LogPoint) {
    self.ledgerID = ledgerID
    self.closedEpoch = closedEpoch
    self.signed = signed
    self.finalSize = finalSize
    self.log = log
  }

  /// Parses the bytes that were signed.
  package init(_ bytes: Data) throws(Failure) {
    let wire: Cairn_V1_Statement
    do { wire = try Cairn_V1_Statement(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.Statement")
    }
    ledgerID = try Field.digest(wire.ledgerID, "ledger_id")
    closedEpoch = try Field.count(wire.closedEpoch, "closed_epoch")
    if wire.signedSize == 0 && wire.signedRoot.isEmpty {
      signed = nil
    } else {
      signed = LogPoint(
        size: try Field.count(wire.signedSize, "signed_size"), root: try Field.digest(wire.signedRoot, "signed_root"))
    }
    finalSize = wire.finalSize
    log = LogPoint(
      size: try Field.count(wire.logSize, "log_size"), root: try Field.digest(wire.logRoot, "log_root"))
  }

  private var wire: Cairn_V1_Statement {
    .with {
      $0.ledgerID = Data(ledgerID.bytes)
      $0.closedEpoch = closedEpoch
      $0.signedSize = signed?.size ?? 0
      $0.signedRoot = signed.map { Data($0.root.bytes) } ?? Data()
      $0.finalSize = finalSize
      $0.logSize = log.size
      $0.logRoot = Data(log.root.bytes)
    }
  }

  /// The statement signed with the node's key.
  package func signed(by key: PrivateKey) throws(Failure) -> SignedStatement {
    SignedStatement(
      statement: self, signature: try NodeSignature(.statement, try BatchBuilder.serialize(wire), by: key))
  }
}

/// A statement with a signature that is not checked yet.
package struct SignedStatement: Hashable, Sendable {
  /// What it says.
  package let statement: Statement
  private let signature: NodeSignature

  fileprivate init(statement: Statement, signature: NodeSignature) {
    self.statement = statement
    self.signature = signature
  }

  /// The key that is said to have signed.
  package var keyID: KeyID { signature.keyID }

  /// Parses a statement from outside; field paths start at the message.
  package init(_ wire: Cairn_V1_SignedStatement) throws(Failure) {
    let bytes = try Field.signed(wire.statement, "statement")
    do { statement = try Statement(bytes) } catch { throw error.under("statement") }
    signature = try NodeSignature(.statement, bytes, keyID: wire.keyID, wire.signature)
  }

  /// The statement as a message.
  package var wire: Cairn_V1_SignedStatement {
    .with {
      $0.statement = signature.bytes
      $0.keyID = Data(keyID.digest.bytes)
      $0.signature = signature.wire
    }
  }

  /// Checks who signed. Fails with unauthenticated UNKNOWN_KEY, WRONG_ROLE or INVALID_SIGNATURE.
  package func verified(by directory: Directory) throws(Failure) -> VerifiedStatement {
    let key = try signature.verified(by: directory)
    return VerifiedStatement(statement: statement, key: key.id, member: key.memberID)
  }
}

/// A statement that a registered NODE key signed.
package struct VerifiedStatement: Hashable, Sendable {
  /// What it says.
  package let statement: Statement
  /// The key that signed.
  package let key: KeyID
  /// The member that answers for the key.
  package let member: MemberID

  /// A statement whose signature the caller has checked.
  package init(statement: Statement, key: KeyID, member: MemberID) {
    self.statement = statement
    self.key = key
    self.member = member
  }
}
