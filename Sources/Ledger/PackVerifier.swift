import Checkpoints
import Consortium
import FoundationEssentials
import Merkle
package import Primitives
import Signing
import SwiftProtobuf
package import Wire

/// Checks a pack with nothing but what the auditor trusts, as `EvidenceVerifier` checks evidence of one record.
package struct PackVerifier {
  /// Most records in a pack, those that show who could do that included.
  package static let maxRecords = 10_000
  /// Most bytes of a serialized pack, and of the file that it comes in.
  package static let maxBytes = 64 << 20

  private let pack: Cairn_V1_EvidencePack
  private let frame: EvidenceFrame
  private let authors: [KeyID: PublicKey]

  /// Verifies every statement of the pack, or throws what does not hold. Every failure names its step: CHECKPOINT, LEDGER,
  /// RECORD_PATH, SIGNATURE, LOG_PATH or KEY_CHAIN in the metadata's `step`.
  package static func verify(
    _ pack: Cairn_V1_EvidencePack, trust: EvidenceVerifier.Trust
  ) throws(Failure) -> VerifiedPack {
    try checkShape(pack)
    let verifier = PackVerifier(
      pack: pack,
      frame: try EvidenceFrame(ledgerID: pack.ledgerID, checkpoint: pack.checkpoint, trust: trust),
      authors: try authors(pack))
    let links = try verifier.links()
    try verifier.verifyLog()
    var chain = try KeyChain(links[0], of: verifier.frame.ledgerID)
    try chain.follow(Array(links.dropFirst()))
    let records = links.map(\.record)
    return try VerifiedPack(
      VerifiedEvidence(
        ledgerID: verifier.frame.ledgerID,
        checkpoint: try verifier.frame.signedCheckpoint(chain.directory, at: records), records: records,
        directory: chain.directory))
  }

  private static func checkShape(_ pack: Cairn_V1_EvidencePack) throws(Failure) {
    guard pack.version == 1, pack.unknownFields.data.isEmpty else {
      throw .step("LEDGER", "UNKNOWN_VERSION", field: "version", "a pack of version 1 without unknown fields expected")
    }
    guard (1...maxRecords).contains(pack.records.count) else {
      throw .step("LEDGER", "RECORD_COUNT", field: "records", "\(pack.records.count); 1 to \(maxRecords) expected")
    }
    guard pack.records.reduce(0, { $0 + $1.count }) <= maxBytes else {
      throw .step("LEDGER", "PACK_SIZE", field: "records", "more than \(maxBytes >> 20) MiB")
    }
    guard pack.batches.allSatisfy({ !$0.recordIndices.isEmpty && $0.unknownFields.data.isEmpty }) else {
      throw .step("LEDGER", "MALFORMED_BATCH", field: "batches", "each has records, and no unknown fields")
    }
    let count = pack.batches.reduce(0) { $0 + $1.recordIndices.count }
    guard count == pack.records.count else {
      throw .step("LEDGER", "RECORD_COUNT", field: "records", "\(pack.records.count); the batches name \(count)")
    }
    let positions = pack.batches.map(\.position)
    guard zip(positions, positions.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .step("LEDGER", "BATCH_ORDER", field: "batches", "ascending by position, and each once")
    }
  }

  private static func authors(_ pack: Cairn_V1_EvidencePack) throws(Failure) -> [KeyID: PublicKey] {
    var keys: [PublicKey] = []
    for bytes in pack.authorPublicKeys.prefix(pack.batches.count) {
      keys.append(try within("SIGNATURE") { () throws(Failure) in try PublicKey(subjectPublicKeyInfo: Array(bytes)) })
    }
    let ids = keys.map { Data($0.id.digest.bytes) }
    guard keys.count == pack.authorPublicKeys.count,
      zip(ids, ids.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) })
    else {
      throw .step(
        "SIGNATURE", "AUTHOR_KEY_ORDER", field: "author_public_keys", "each author's, ascending by id, and each once")
    }
    return Dictionary(uniqueKeysWithValues: keys.map { ($0.id, $0) })
  }

  /// All records, found in their batches, whose authors signed them; ascending by place.
  private func links() throws(Failure) -> [KeyChain.Link] {
    var links: [KeyChain.Link] = []
    var used: Set<KeyID> = []
    for (number, batch) in pack.batches.enumerated() {
      let records = pack.records[links.count..<links.count + batch.recordIndices.count]
      let verified: [VerifiedRecord]
      do { verified = try verify(batch, records) } catch { throw error.under("batches[\(number)]") }
      for record in verified { links.append(("records[\(links.count)]", record)) }
      used.formUnion(verified.map(\.author.id))
    }
    guard used.count == authors.count else {
      throw .step("SIGNATURE", "SPARE_AUTHOR_KEY", field: "author_public_keys", "a key that signed nothing here")
    }
    return links
  }

  private func verify(
    _ batch: Cairn_V1_ProvedBatch, _ records: ArraySlice<Data>
  ) throws(Failure) -> [VerifiedRecord] {
    let (entry, header, author) = try frame.entry(batch.entry) { (id) throws(Failure) in
      guard let key = authors[id] else {
        throw .malformed("MISSING_AUTHOR_KEY", field: "entry", "key \(id) signed it, which is not in the pack")
      }
      return key
    }
    let leaves = zip(batch.recordIndices, records).map { (index: UInt64($0), hash: MerkleTree.leafHash($1)) }
    try within("RECORD_PATH") { () throws(Failure) in
      try MultiProof.verify(
        leaves: leaves, size: UInt64(header.recordCount), hashes: try digests(batch.recordHashes, "record_hashes"),
        root: header.recordsRoot)
    }
    return zip(leaves, records).map { leaf, bytes in
      VerifiedRecord(
        id: leaf.hash, bytes: bytes, position: batch.position, index: UInt32(leaf.index), entry: entry,
        header: header, author: author)
    }
  }

  private func verifyLog() throws(Failure) {
    try within("LOG_PATH") { () throws(Failure) in
      try MultiProof.verify(
        leaves: pack.batches.map { ($0.position, MerkleTree.leafHash($0.entry)) }, size: frame.checkpoint.size,
        hashes: try digests(pack.logHashes, "log_hashes"), root: frame.checkpoint.root)
    }
  }
}
