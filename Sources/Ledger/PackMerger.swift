import FoundationEssentials
import Merkle
package import Primitives
import Signing
import SwiftProtobuf
package import Wire

/// Makes one pack of the packs of an answer's pages, all under the same checkpoint. What does not hold in them does not hold
/// in it: it is for `PackVerifier` to say so.
package struct PackMerger {
  /// The hashes of a multi-proof by their place in the tree, and the leaves that it is for.
  private struct Proofs<Leaf> {
    var leaves: [UInt64: Leaf] = [:]
    var hashes: [Node: Data] = [:]

    mutating func add(_ leaves: [(UInt64, Leaf)], _ hashes: [Data], size: UInt64) throws(Failure) {
      let nodes = try MultiProof.siblings(of: leaves.map(\.0), size: size)
      guard nodes.count == hashes.count else { throw PackMerger.malformed("a proof has too few hashes, or too many") }
      for (index, leaf) in leaves { self.leaves[index] = leaf }
      for (node, hash) in zip(nodes, hashes) { self.hashes[node] = hash }
    }

    /// The proof for all leaves: each hash that it needs is needed by one of those that were added.
    func merged(size: UInt64) throws(Failure) -> (indices: [UInt64], hashes: [Data]) {
      let indices = leaves.keys.sorted()
      return (indices, try MultiProof.siblings(of: indices, size: size).compactMap { hashes[$0] })
    }
  }

  private struct Batch {
    let entry: Data
    let size: UInt64
    var records = Proofs<Data>()
  }

  private var first: Cairn_V1_EvidencePack?
  private var size: UInt64 = 0
  private var keys: [Digest: Data] = [:]
  private var batches: [UInt64: Batch] = [:]
  private var log = Proofs<Void>()
  private var recordCount = 0

  /// Begins with nothing.
  package init() {}

  /// Adds the pack of another page, under a checkpoint of `size` entries; exhausted PACK_TOO_LARGE beyond what a pack may
  /// hold.
  package mutating func add(_ pack: Cairn_V1_EvidencePack, size: UInt64) throws(Failure) {
    guard pack.checkpoint == first?.checkpoint ?? pack.checkpoint, pack.ledgerID == first?.ledgerID ?? pack.ledgerID
    else { throw Self.malformed("the pages are under different checkpoints") }
    recordCount += pack.records.count
    guard recordCount <= 2 * PackVerifier.maxRecords else { throw Self.tooLarge }
    if first == nil { first = pack }
    self.size = size
    for key in pack.authorPublicKeys { keys[SHA256.hash(key)] = key }
    var rest = pack.records[...]
    for batch in pack.batches {
      try add(batch, rest.prefix(batch.recordIndices.count))
      rest = rest.dropFirst(batch.recordIndices.count)
    }
    try log.add(pack.batches.map { ($0.position, ()) }, pack.logHashes, size: size)
  }

  private mutating func add(_ batch: Cairn_V1_ProvedBatch, _ records: ArraySlice<Data>) throws(Failure) {
    let header = try BatchHeader(try LogEntry(batch.entry).header)
    let leaves = zip(batch.recordIndices.map(UInt64.init), records).map { ($0, $1) }
    try batches[batch.position, default: Batch(entry: batch.entry, size: UInt64(header.recordCount))].records
      .add(leaves, batch.recordHashes, size: UInt64(header.recordCount))
  }

  /// The pack of all; nil where none was added, exhausted PACK_TOO_LARGE beyond 10,000 records.
  package func pack() throws(Failure) -> Cairn_V1_EvidencePack? {
    guard var pack = first else { return nil }
    pack.authorPublicKeys = keys.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }.map(\.value)
    pack.batches = []
    pack.records = []
    for (position, batch) in batches.sorted(by: { $0.key < $1.key }) {
      let (indices, hashes) = try batch.records.merged(size: batch.size)
      pack.batches.append(
        .with {
          $0.position = position
          $0.entry = batch.entry
          $0.recordIndices = indices.map { UInt32($0) }
          $0.recordHashes = hashes
        })
      pack.records += indices.compactMap { batch.records.leaves[$0] }
    }
    guard pack.records.count <= PackVerifier.maxRecords else { throw Self.tooLarge }
    pack.logHashes = try log.merged(size: size).hashes
    return pack
  }

  private static let tooLarge = Failure(
    .exhausted, "PACK_TOO_LARGE", "the answer is too large to be proved as one: a pack has at most 10,000 records")

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_PACK", field: "evidence", description)
  }
}
