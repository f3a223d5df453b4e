import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// Proves many records at once, under one checkpoint and with shared paths.
///
/// For who answers with proofs:
/// - `Queries.packBuilder(at:within:)`, at the answer's log size; what it holds counts as memory in use while it is there;
/// - `build(places)` for an answer that may be cut short: it says how many of the places fit the budget;
/// - `pack(of: places)` for one that may not: it fails with PACK_TOO_LARGE;
/// - `EvidencePack.parts(ofBytes:)` (room Ledger) cuts a pack for a stream.
///
/// Each batch is read once, and by itself, so that no reader is held for long and a call that has ended reads no more. The
/// places are those of records which the asker may read: who that is has been decided before.
struct PackBuilder {
  /// How much one pack may take.
  struct Budget {
    /// Records, those that show who could do that included.
    var records = PackVerifier.maxRecords
    /// Bytes of the records asked for.
    var recordBytes = PackVerifier.maxBytes
    /// Bytes of the pack.
    var packBytes = PackVerifier.maxBytes
    /// Bytes of batches that are read for it.
    var readBytes: Int

    /// For a page of an answer: with its events it stays below the 4 MiB that stock gRPC clients accept.
    static let page = Budget(recordBytes: 1 << 20, packBytes: 5 << 19, readBytes: 64 << 20)
    /// For a stream.
    static let stream = Budget(readBytes: 1 << 30)
  }

  /// What came of it.
  enum Outcome {
    case pack(Cairn_V1_EvidencePack)
    /// Only this many of the places fit the budget, at least one.
    case fits(Int)
  }

  let store: Store
  let view: LedgerView
  /// This node's own checkpoint at the answer's log size: what a pack is under that no certificate covers.
  let own: SignedCheckpoint
  let budget: Budget
  /// What the pack takes of the node's memory.
  let loan: ReadingAllowance.Loan

  /// A pack of the records at `places`, and of those that show who could make them. One alone is proved whatever it takes.
  func build(_ places: [RecordPlace]) async throws(Failure) -> Outcome {
    let budget = places.count == 1 ? Budget.stream : budget
    let half = places.count / 2
    let checkpoint = checkpoint(over: places)
    let support = try await support(of: places, under: checkpoint)
    let all = Set(support + places)
    guard all.count <= budget.records else { return try fitting(half, of: "\(all.count) records") }
    let indices = Dictionary(grouping: all, by: \.position).mapValues { $0.map(\.index).sorted() }
    var batches: [UInt64: Batch] = [:]
    var (bytes, size) = (0, 0)
    // What vouches for the authors comes first, for without it nothing fits; then the answer, as far as it goes.
    for position in (support + places).map(\.position) where batches[position] == nil {
      let batch = try await batch(at: position, indices[position] ?? [])
      batches[position] = batch
      size += batch.packedByteCount
      try loan.take(batch.packedByteCount)
      bytes += batch.byteCount
      guard bytes <= budget.readBytes else {
        let before = places.firstIndex { $0.position == position } ?? 0
        return try fitting(before > 0 ? before : half, of: "\(bytes) bytes of batches")
      }
    }
    if let count = Self.count(of: places, in: batches.values, within: budget.recordBytes) {
      return try fitting(count, of: "more than \(budget.recordBytes) bytes of records")
    }
    guard size <= budget.packBytes else { return try fitting(half, of: "\(size) bytes of proofs") }
    let sorted = batches.values.sorted { $0.proved.position < $1.proved.position }
    return .pack(try await assemble(sorted, under: checkpoint))
  }

  /// The whole pack; fails with PACK_TOO_LARGE where it does not fit the budget.
  func pack(of places: [RecordPlace]) async throws(Failure) -> Cairn_V1_EvidencePack {
    switch try await build(places) {
    case .pack(let pack): return pack
    case .fits:
      throw Self.tooLarge("it takes more than a stream of proofs may hold, or more reading than it may ask for")
    }
  }

  /// The latest certificate, where it covers all of the places.
  private func checkpoint(over places: [RecordPlace]) -> SignedCheckpoint {
    guard let certificate = view.certificate, places.allSatisfy({ $0.position < certificate.size }) else { return own }
    return certificate
  }

  /// What shows that the authors could make their records, as far as a log of the checkpoint's size tells.
  private func support(
    of places: [RecordPlace], under checkpoint: SignedCheckpoint
  ) async throws(Failure) -> [RecordPlace] {
    let directory = view.directory
    let latest = try await store.read { reader in
      var latest: [KeyID: RecordPlace] = [:]
      for (position, places) in Dictionary(grouping: places, by: \.position) {
        guard let entry = try reader.entry(at: position) else { throw LedgerReader.corrupt("log entry \(position)") }
        let author = try BatchHeader(try LogEntry(entry.bytes).header).authorKeyID
        let last = places.reduce(latest[author] ?? .genesis, max)
        latest[author] = last
      }
      return latest
    }
    return directory.evidence(ofEventsBy: latest, logSize: checkpoint.size)
  }

  /// How many of the places come before the records have more than `limit` bytes; nil where they never do.
  private static func count(of places: [RecordPlace], in batches: some Sequence<Batch>, within limit: Int) -> Int? {
    let sizes = Dictionary(batches.flatMap(\.sizes), uniquingKeysWith: max)
    var bytes = 0
    for (number, place) in places.enumerated() {
      bytes += sizes[place] ?? 0
      if bytes > limit, number > 0 { return number }
    }
    return nil
  }

  private func fitting(_ count: Int, of what: String) throws(Failure) -> Outcome {
    guard count > 0 else { throw Self.tooLarge("one event takes \(what)") }
    return .fits(count)
  }

  private static func tooLarge(_ why: String) -> Failure {
    Failure(.exhausted, "PACK_TOO_LARGE", "the answer is too large to be proved as one: \(why); ask for less")
  }
}

extension PackBuilder {
  /// A batch as the pack has it, and what it took to prove it.
  private struct Batch {
    let proved: Cairn_V1_ProvedBatch
    /// The records proved, as the indices go.
    let records: [Data]
    let author: PublicKey
    /// Bytes of all records of the batch.
    let byteCount: Int

    /// About what it takes in a pack, in bytes, its author's key and its share of the path to the checkpoint included.
    var packedByteCount: Int {
      let hashes = 34 * (proved.recordHashes.count + 16)
      return records.reduce(hashes + proved.entry.count + 128) { $0 + $1.count + 8 }
    }

    var sizes: [(RecordPlace, Int)] {
      zip(proved.recordIndices, records).map { (RecordPlace(position: proved.position, index: $0), $1.count) }
    }
  }

  private func batch(at position: UInt64, _ indices: [UInt32]) async throws(Failure) -> Batch {
    let directory = view.directory
    return try await store.read { reader in
      guard let stored = try reader.entry(at: position) else { throw LedgerReader.corrupt("log entry \(position)") }
      let batch = try ProvableBatch(stored, reader: reader, directory: directory)
      let records = try indices.map { index in
        let record = try batch.record(at: index)
        let place = RecordPlace(position: position, index: index)
        if record.isEmpty, let redaction = try reader.redaction(at: place) { throw redaction.failure }
        return record
      }
      let hashes = try batch.proof(of: indices).map { Data($0.bytes) }
      let proved = Cairn_V1_ProvedBatch.with {
        $0.position = position
        $0.entry = stored.bytes
        $0.recordIndices = indices
        $0.recordHashes = hashes
      }
      return Batch(proved: proved, records: records, author: batch.author.publicKey, byteCount: batch.byteCount)
    }
  }

  private func assemble(
    _ batches: [Batch], under checkpoint: SignedCheckpoint
  ) async throws(Failure) -> Cairn_V1_EvidencePack {
    let authors = Dictionary(batches.map { ($0.author.id, $0.author) }, uniquingKeysWith: { first, _ in first })
    let keys = authors.sorted { $0.key.digest.bytes.lexicographicallyPrecedes($1.key.digest.bytes) }.map(\.value)
    let view = view
    let positions = batches.map(\.proved.position)
    let hashes = try await store.read { reader in
      let nodes = LogNodes(edge: view.edge, reader: reader)
      return try MultiProof.hashes(of: positions, size: checkpoint.size, node: nodes.hash)
    }
    return .with {
      $0.version = 1
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.checkpoint = checkpoint.note
      $0.authorPublicKeys = keys.map { Data($0.subjectPublicKeyInfo) }
      $0.batches = batches.map(\.proved)
      $0.records = batches.flatMap(\.records)
      $0.logHashes = hashes.map { Data($0.bytes) }
    }
  }
}
