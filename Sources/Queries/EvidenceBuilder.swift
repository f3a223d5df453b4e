import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// Gathers record proofs under one checkpoint. A tile of the log tree, and the records of a batch whose records are proved
/// one after the other, are read once.
struct EvidenceBuilder {
  private let reader: LedgerReader
  private let view: LedgerView
  private let checkpoint: SignedCheckpoint
  private let nodes: LogNodes
  private var batch: ProvableBatch?
  /// The path from that batch's entry to the checkpoint's root, once it is known.
  private var logPath: [Digest]?

  /// Evidence under `checkpoint`, which may be of any size up to the view's.
  init(reader: LedgerReader, view: LedgerView, checkpoint: SignedCheckpoint) {
    self.reader = reader
    self.view = view
    self.checkpoint = checkpoint
    nodes = LogNodes(edge: view.edge, reader: reader)
  }

  /// The record, then what shows that its author could make it, newest first; last genesis.
  mutating func evidence(ofRecordAt place: RecordPlace) throws -> Cairn_V1_Evidence {
    if let redaction = try reader.redaction(at: place) { throw redaction.failure }
    let first = try batch(at: place.position)
    let change: ConsortiumChange? =
      if case .consortium(let change) = try? ParsedRecord(try first.record(at: place.index)).body { change } else {
        nil
      }
    let support = view.directory.evidence(
      for: place, by: first.author.id, making: change, logSize: checkpoint.size)
    return try evidence(of: place, supportedBy: support)
  }

  /// The record that registered a key, then what else made it what it was for an entry at `position`, newest first; last
  /// genesis.
  mutating func evidence(of key: AuthorKey, at position: UInt64) throws -> Cairn_V1_Evidence {
    let support = view.directory.evidence(of: key, at: position, logSize: checkpoint.size)
    return try evidence(of: key.registeredBy, supportedBy: support)
  }

  /// Genesis stands at the end, and at the beginning too where it is what is proved and something else stands between.
  private mutating func evidence(
    of place: RecordPlace, supportedBy support: [RecordPlace]
  ) throws -> Cairn_V1_Evidence {
    let others = support.reversed().filter { $0 != place && $0 != .genesis }
    let places = place == .genesis && others.isEmpty ? [place] : [place] + others + [.genesis]
    guard places.count <= EvidenceVerifier.maxProofs else {
      throw Failure(
        .exhausted, "EVIDENCE_TOO_LARGE",
        "\(places.count) records show who could do that; evidence holds at most \(EvidenceVerifier.maxProofs)")
    }
    var proofs: [Cairn_V1_RecordProof] = []
    for place in places { proofs.append(try proof(of: place)) }
    return .with {
      $0.version = 1
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.checkpoint = checkpoint.note
      $0.proofs = proofs
    }
  }

  private mutating func proof(of place: RecordPlace) throws -> Cairn_V1_RecordProof {
    let batch = try batch(at: place.position)
    let record = try batch.record(at: place.index)
    let logPath =
      try self.logPath ?? Proof.inclusionPath(index: place.position, size: checkpoint.size, node: nodes.hash)
    self.logPath = logPath
    return try .with {
      $0.record = record
      $0.recordIndex = place.index
      $0.recordPath = try batch.path(to: place.index).map { Data($0.bytes) }
      $0.entry = batch.stored.bytes
      $0.position = place.position
      $0.logPath = logPath.map { Data($0.bytes) }
      $0.authorPublicKey = Data(batch.author.publicKey.subjectPublicKeyInfo)
    }
  }

  private mutating func batch(at position: UInt64) throws -> ProvableBatch {
    if let batch, batch.stored.position == position { return batch }
    guard let stored = try reader.entry(at: position) else {
      throw Failure(
        .notFound, "UNKNOWN_RECORD", "record_position: the log has no entry \(position)")
    }
    let batch = try ProvableBatch(stored, reader: reader, directory: view.directory)
    logPath = nil
    self.batch = batch
    return batch
  }
}
