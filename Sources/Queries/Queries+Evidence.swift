import Consortium
import Foundation
import Ledger
import Merkle
package import Primitives
import Signing
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Everything that proves one record, and whose keys signed it back to genesis, under one checkpoint.
  package func getEvidence(_ request: Cairn_V1_GetEvidenceRequest) async throws(Failure) -> Cairn_V1_GetEvidenceResponse
  {
    let view = views.current
    let checkpoint = try await checkpoint(size: request.treeSize, in: view)
    let place = try await place(of: request.record, in: view)
    guard place.position < checkpoint.size else {
      throw Failure(
        .outOfRange, "POSITION_OUT_OF_RANGE",
        "tree_size: \(checkpoint.size); the record is in entry \(place.position), which that tree does not have")
    }
    let proofs = try await store.read { reader in
      try EvidenceBuilder(reader: reader, view: view, treeSize: checkpoint.size).proofs(from: place)
    }
    return .with {
      $0.evidence.version = 1
      $0.evidence.ledgerID = Data(view.ledgerID.bytes)
      $0.evidence.checkpoint = checkpoint.note
      $0.evidence.proofs = proofs
    }
  }

  private func place(
    of record: Cairn_V1_GetEvidenceRequest.OneOf_Record?, in view: LedgerView
  ) async throws(Failure) -> RecordPlace {
    switch record {
    case .recordPosition(let place): return RecordPlace(position: place.position, index: place.recordIndex)
    case .recordID(let bytes): return try await place(ofRecord: try Self.digest(bytes, "record_id"), in: view)
    case nil: throw .malformed("MISSING_RECORD", field: "record", "one of record_id, record_position must be present")
    }
  }

  private func place(ofRecord id: Digest, in view: LedgerView) async throws(Failure) -> RecordPlace {
    let ordinals = try index.ordinals(
      matching: [Term.record(id).rawValue], below: view.recordCount, limit: 16)
    let found = try await store.read { reader in
      try reader.records(ordinals: ordinals).first { MerkleTree.leafHash($0.bytes) == id }
    }
    guard let found else {
      throw Failure(.notFound, "UNKNOWN_RECORD", "record_id: no record of this ledger has the id \(id)")
    }
    return RecordPlace(position: found.position, index: found.index)
  }
}

/// Gathers record proofs under one checkpoint.
private struct EvidenceBuilder {
  let reader: LedgerReader
  let view: LedgerView
  let treeSize: UInt64

  /// The record's own proof, then those of the records that registered its author, that author's author, and so on.
  func proofs(from place: RecordPlace) throws -> [Cairn_V1_RecordProof] {
    var proofs: [Cairn_V1_RecordProof] = []
    var next: RecordPlace? = place
    while let place = next {
      guard proofs.count < EvidenceVerifier.maxProofs else {
        throw Failure(
          .exhausted, "KEY_CHAIN_TOO_LONG", "more than \(EvidenceVerifier.maxProofs) registrations lead back to genesis"
        )
      }
      let (proof, author) = try proof(of: place)
      proofs.append(proof)
      next = place.position == 0 ? nil : author.registeredBy
    }
    return proofs
  }

  private func proof(of place: RecordPlace) throws -> (Cairn_V1_RecordProof, AuthorKey) {
    guard let stored = try reader.entry(at: place.position), Int(place.index) < stored.recordCount else {
      throw Failure(
        .notFound, "UNKNOWN_RECORD", "record_position: entry \(place.position) has no record \(place.index)")
    }
    let records = try reader.records(of: stored)
    let recordPath = try MerkleTree.path(index: Int(place.index), leaves: records.map { MerkleTree.leafHash($0) })
    let nodes = LogNodes(edge: view.edge, reader: reader)
    let logPath = try Proof.inclusionPath(index: place.position, size: treeSize, node: nodes.hash)
    let author = try view.directory.key(try BatchHeader(try LogEntry(stored.bytes).header).authorKeyID)
    let proof = Cairn_V1_RecordProof.with {
      $0.record = records[Int(place.index)]
      $0.recordIndex = place.index
      $0.recordPath = recordPath.map { Data($0.bytes) }
      $0.entry = stored.bytes
      $0.position = place.position
      $0.logPath = logPath.map { Data($0.bytes) }
      $0.authorPublicKey = Data(author.publicKey.subjectPublicKeyInfo)
    }
    return (proof, author)
  }
}
