import Checkpoints
import Consensus
import Consortium
import Ledger
import Merkle
import Primitives
import Signing

/// What is to hold of the tables that only a node of a consortium fills: what follows from the log is derived and compared,
/// what is signed is verified. A log that was checked already says who may sign.
struct ConsortiumCheck {
  /// Finds what is broken in a table, in words without its name.
  typealias Finder = @Sendable (ConsortiumCheck) throws -> [String]

  /// Every such table.
  static let tables: [(name: String, broken: Finder)] = [
    ("engine", { try $0.brokenPlace() }),
    ("order_place", { try $0.brokenPlacedCheckpoints() }),
    ("skip", { try $0.brokenSkips() }),
    ("certificate", { try $0.brokenCertificates() }),
    ("divergence", { try $0.brokenDivergences() }),
    ("cosigner", { try $0.brokenCosigners() }),
    ("republish", { try $0.brokenHeldBatches() }),
    ("epoch_opening", { try $0.brokenOpenings() }),
    ("statement", { try $0.brokenStatements() }),
    ("catch_up", { try $0.brokenCatchUp() }),
  ]

  let reader: LedgerReader
  let ledgerID: Digest
  let directory: Directory
  let edge: RightEdge
  /// The log's origin in notes.
  let origin: String
  /// What opened the epochs after the first, ascending.
  let openings: [KeptOpening]

  init(_ reader: LedgerReader, _ state: LedgerState) throws {
    self.reader = reader
    ledgerID = state.ledgerID
    directory = state.directory
    edge = state.edge
    origin = Genesis.origin(name: directory.name, ledgerID: ledgerID)
    openings = try reader.openings()
  }

  /// What is broken, in words, the table first; of a log that is not proven yet, only up to where it is.
  static func findings(_ reader: LedgerReader, _ state: LedgerState, isProven: Bool = true) -> [String] {
    let check: ConsortiumCheck
    do { check = try ConsortiumCheck(reader, state) } catch { return ["table epoch_opening: \(error)"] }
    return tables.filter { isProven || $0.name == "catch_up" }.flatMap { table -> [String] in
      do { return try table.broken(check).map { "table \(table.name): \($0)" } } catch {
        return ["table \(table.name): \(error)"]
      }
    }
  }

  /// The epochs that were opened here.
  var latestEpoch: UInt64 { openings.last?.epoch ?? 1 }

  /// Whether nothing was ever taken out of the log, so that it knows every key that it knew once.
  var isUncut: Bool { openings.isEmpty }

  /// The node's own root over its first entries; nil beyond its end.
  var root: Certifier.RootSource {
    { size in
      guard (1...edge.size).contains(size) else { return nil }
      return try? Proof.root(size: size, node: LogNodes(edge: edge, reader: reader).hash)
    }
  }

  /// The ledger time of the log's last entry where it has `size`.
  func time(at size: UInt64) throws -> Instant {
    guard size > 0, let entry = try reader.entry(at: size - 1) else {
      throw LedgerReader.corrupt("log entry \(size), which a checkpoint is over,")
    }
    return try LogEntry(entry.bytes).ledgerTime
  }

  /// A certifier that has read the last entries of the log of `size` entries, with everything before them final.
  func certifier(upTo size: UInt64) throws -> Certifier {
    let before = size > 1 ? root(size - 1).map { LogPoint(size: size - 1, root: $0) } : nil
    var certifier = Certifier(
      origin: origin, ownKey: KeyID(ledgerID), lastSigned: LastSigned(isClosed: true), final: before)
    for end in max(size, 2) - 1...max(size, 1) {
      certifier.appended(size: end, time: try time(at: end), directory: directory)
    }
    return certifier
  }

  /// The NODE keys, in force or not, that signed the note as the log; none where it is of something else.
  func signers(of note: String, size: UInt64, root: Digest?) throws -> [AuthorKey] {
    let signed = try SignedNote(note)
    let checkpoint = try Checkpoint(signed.text)
    guard checkpoint.origin == origin, checkpoint.size == size, root.map({ $0 == checkpoint.root }) ?? true else {
      return []
    }
    return directory.keys.values.filter { key in
      guard key.roles.contains(.node),
        let log = try? VerifierKey(name: origin, kind: .note, publicKey: key.publicKey)
      else { return false }
      return signed.signatures.contains {
        $0.claims(log) && key.publicKey.verifies(signature: $0.bytes, over: Array(signed.text.utf8))
      }
    }
  }
}
