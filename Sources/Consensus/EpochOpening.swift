import FoundationEssentials
import Ledger
import Merkle
package import Primitives
import SwiftProtobuf
package import Wire

/// The first message of an epoch after the first: where the log goes on, and why just there. Parsed, not yet judged.
package struct EpochOpening: Hashable, Sendable {
  /// The ledger.
  package let ledgerID: Digest
  /// The epoch that begins, from 2.
  package let epoch: UInt64
  /// The log that it goes on from.
  package let base: LogPoint
  /// What the members said when they left the epoch before.
  package let statements: [SignedStatement]
  /// Which logs continue which.
  package let links: [ConsistencyLink]

  /// An opening of these parts.
  package init(
    ledgerID: Digest, epoch: UInt64, base: LogPoint, statements: [SignedStatement], links: [ConsistencyLink]
  ) {
    self.ledgerID = ledgerID
    self.epoch = epoch
    self.base = base
    self.statements = statements
    self.links = links
  }

  /// Parses an opening from the engine; field paths start at the message.
  package init(_ wire: Cairn_V1_EpochOpening) throws(Failure) {
    ledgerID = try Field.digest(wire.ledgerID, "ledger_id")
    epoch = try Field.count(wire.epoch, "epoch")
    guard epoch > 1 else { throw .malformed("NUMBER_OUT_OF_RANGE", field: "epoch", "the first epoch needs no opening") }
    base = LogPoint(
      size: try Field.count(wire.baseSize, "base_size"), root: try Field.digest(wire.baseRoot, "base_root"))
    guard wire.statements.count <= EngineLimits.statements, wire.links.count <= EngineLimits.links else {
      throw .malformed(
        "TOO_MANY_VALUES", field: "",
        "\(wire.statements.count) statements and \(wire.links.count) links; at most \(EngineLimits.statements) and "
          + "\(EngineLimits.links)")
    }
    var statements: [SignedStatement] = []
    for (index, statement) in wire.statements.enumerated() {
      do { statements.append(try SignedStatement(statement)) } catch { throw error.under("statements[\(index)]") }
    }
    var links: [ConsistencyLink] = []
    for (index, link) in wire.links.enumerated() {
      do { links.append(try ConsistencyLink(link)) } catch { throw error.under("links[\(index)]") }
    }
    self.statements = statements
    self.links = links
  }

  /// The opening as a message.
  package var wire: Cairn_V1_EpochOpening {
    .with {
      $0.ledgerID = Data(ledgerID.bytes)
      $0.epoch = epoch
      $0.baseSize = base.size
      $0.baseRoot = Data(base.root.bytes)
      $0.statements = statements.map(\.wire)
      $0.links = links.map(\.wire)
    }
  }
}

/// A proof that one log continues another, checked when it is parsed.
package struct ConsistencyLink: Hashable, Sendable {
  /// The shorter log.
  package let smaller: LogPoint
  /// The longer one.
  package let larger: LogPoint
  private let path: [Digest]

  /// Proves that `larger` continues `smaller`; fails as `Proof.verifyConsistency` does.
  package init(from smaller: LogPoint, to larger: LogPoint, path: [Digest]) throws(Failure) {
    guard smaller.size < larger.size else {
      throw .malformed("SHRINKING_TREE", field: "larger_size", "\(larger.size) after \(smaller.size)")
    }
    try Proof.verifyConsistency(
      firstSize: smaller.size, secondSize: larger.size, firstRoot: smaller.root, secondRoot: larger.root, path: path)
    self.smaller = smaller
    self.larger = larger
    self.path = path
  }

  init(_ wire: Cairn_V1_ConsistencyLink) throws(Failure) {
    guard wire.path.count <= EngineLimits.pathLength else {
      throw .malformed("TOO_MANY_VALUES", field: "path", "at most \(EngineLimits.pathLength) hashes")
    }
    var path: [Digest] = []
    for hash in wire.path { path.append(try Field.digest(hash, "path")) }
    try self.init(
      from: LogPoint(size: try Field.count(wire.size, "size"), root: try Field.digest(wire.root, "root")),
      to: LogPoint(
        size: try Field.count(wire.largerSize, "larger_size"), root: try Field.digest(wire.largerRoot, "larger_root")),
      path: path)
  }

  var wire: Cairn_V1_ConsistencyLink {
    .with {
      $0.size = smaller.size
      $0.root = Data(smaller.root.bytes)
      $0.largerSize = larger.size
      $0.largerRoot = Data(larger.root.bytes)
      $0.path = path.map { Data($0.bytes) }
    }
  }
}
