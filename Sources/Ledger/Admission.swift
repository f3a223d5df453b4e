package import Consortium
package import FoundationEssentials
import Merkle
package import Primitives
import Provenance
package import Signing
import SwiftProtobuf
package import Wire

/// A batch that is right on its own: well-formed, signed by the key it names, every record valid or marked rejected.
/// Whether it fits the log — sequence, key in force, rules — is for `LedgerState.apply` to say.
package struct AdmittedBatch: Sendable {
  package let header: BatchHeader
  package let suite: Suite
  package let signature: Data
  /// The records exactly as received; nothing where one was erased since.
  package let records: [Data]
  /// The records' ids, in order.
  package let recordIDs: [Digest]
  /// What the index will lead to this batch and its records.
  package let postings: [RelativePosting]
  /// When each record's event happened; nil where a record is no event or has no effect.
  package let eventTimes: [Instant?]
  /// Changes to the consortium, by record index.
  package let changes: [Change]
  /// Records without effect, by ascending index. Empty unless the header allows them.
  package let rejections: [RecordRejection]
  /// Families of the records that are valid.
  package let families: Set<RecordFamily>

  /// A consortium change and the record that makes it.
  package struct Change: Sendable {
    package let index: UInt32
    /// The record's id.
    package let record: Digest
    package let change: ConsortiumChange
  }

  /// The batch as it came in; of one with erased records, without them.
  package var wire: Cairn_V1_Batch {
    .with {
      $0.header = header.bytes
      $0.signature.suite = suite.wire
      $0.signature.value = signature
      $0.records = records
    }
  }

  /// Size of the records in bytes.
  package var byteCount: Int { records.reduce(header.bytes.count) { $0 + $1.count } }
}

/// A batch whose header is signed by a registered key; its records are not looked at yet.
package struct SignedBatch: Sendable {
  package let header: BatchHeader
  package let author: AuthorKey
  fileprivate let wire: Cairn_V1_Batch

  /// Size of the header and the records in bytes.
  package var byteCount: Int { wire.records.reduce(header.bytes.count) { $0 + $1.count } }
}

/// The pure checks on a batch's way in, made in the caller's task before the writer sees it.
package struct Admission: Sendable {
  private let ledgerID: Digest

  /// Admission to the ledger of that id.
  package init(ledgerID: Digest) { self.ledgerID = ledgerID }

  /// Checks a batch from outside, cheapest checks first. The directory only serves to find the key: whether the key is
  /// in force is decided at the batch's own place in the log. Of a batch that is in the log, `erased` gives the ids of the
  /// records that were erased since, by index: they are part of its tree, and have no content any more.
  package func admit(
    _ batch: Cairn_V1_Batch, directory: Directory, erased: [Int: Digest] = [:]
  ) throws(Failure) -> AdmittedBatch {
    try examine(verify(batch, directory: directory, erased: erased), erased: erased)
  }

  /// The first half of `admit`: whose batch it is. Decodes the header and checks sizes and the signature, no record.
  package func verify(
    _ batch: Cairn_V1_Batch, directory: Directory, erased: [Int: Digest] = [:]
  ) throws(Failure) -> SignedBatch {
    let header = try Self.header(of: batch)
    guard header.ledgerID == ledgerID else {
      throw Failure(
        .preconditionFailed, "WRONG_LEDGER",
        "header.ledger_id: \(header.ledgerID?.description ?? "empty"); this ledger is \(ledgerID)",
        metadata: ["ledger_id": ledgerID.description])
    }
    let key = try directory.key(header.authorKeyID)
    try Self.verify(batch, header: header, key: key.publicKey, erased: erased)
    return SignedBatch(header: header, author: key, wire: batch)
  }

  /// The second half of `admit`: whether what was signed is right, record by record.
  package func examine(_ batch: SignedBatch, erased: [Int: Digest] = [:]) throws(Failure) -> AdmittedBatch {
    try Self.examine(batch.wire, header: batch.header, suite: batch.author.publicKey.suite, erased: erased)
  }

  /// Checks the batch that founds a ledger: it names no ledger and is signed by an admin key that it registers.
  package static func admitGenesis(_ batch: Cairn_V1_Batch) throws(Failure) -> (AdmittedBatch, GenesisTerms) {
    func malformed(_ what: String) -> Failure { .malformed("MALFORMED_GENESIS", field: "batch", what) }
    let header = try Self.header(of: batch)
    guard header.ledgerID == nil, header.sequence == 1, header.recordCount == 1, !header.skipsBadRecords,
      let record = batch.records.first, case .consortium(.genesis(let terms)) = try ParsedRecord(record).body
    else { throw malformed("a genesis batch names no ledger, has sequence 1 and holds one genesis record") }
    guard let founder = terms.registration(of: header.authorKeyID), founder.roles.contains(.admin) else {
      throw malformed("a genesis batch is signed by an ADMIN key that it registers")
    }
    try verify(batch, header: header, key: founder.publicKey, erased: [:])
    return (try examine(batch, header: header, suite: founder.publicKey.suite, erased: [:]), terms)
  }

  /// What the index leads to a batch that is in the log already, and to its records. Erased ones have no bytes.
  package static func postings(header: BatchHeader, records: [Data], recordIDs: [Digest]) -> [RelativePosting] {
    var examiner = RecordExaminer(header: header, skipsBadRecords: true)
    for (index, (record, id)) in zip(records, recordIDs).enumerated() {
      try? examiner.examine(record, id: id, index: UInt32(index))
    }
    return examiner.postings
  }

  /// What the index leads to a record by because of what it says.
  package static func terms(of record: Data) -> [Term] {
    guard let body = try? ParsedRecord(record).body else { return [] }
    var terms: [Term] = []
    switch body {
    case .provenance(let event): RecordExaminer.forEachTerm(of: event) { terms.append($0) }
    case .masterData(let data): terms = RecordExaminer.terms(of: data)
    case .consortium: break
    }
    return terms
  }

  /// The records without effect of a batch that is in the log and may have some. Of erased ones it is not known.
  package static func rejections(among records: [Data]) -> [RecordRejection] {
    records.enumerated().compactMap { index, record in
      if record.isEmpty { return nil }
      do throws(Failure) {
        _ = try ParsedRecord(record)
        return nil
      } catch { return RecordRejection(index: UInt32(index), failure: error) }
    }
  }

  private static func header(of batch: Cairn_V1_Batch) throws(Failure) -> BatchHeader {
    guard batch.hasSignature else {
      throw .malformed("MISSING_SIGNATURE", field: "signature", "the author's signature must be present")
    }
    let size = batch.records.reduce(batch.header.count) { $0 + $1.count }
    guard size <= Limits.batchBytes else {
      throw .malformed("BATCH_SIZE", field: "records", "\(size) bytes; a batch has at most \(Limits.batchBytes)")
    }
    return try BatchHeader(batch.header)
  }

  private static func verify(
    _ batch: Cairn_V1_Batch, header: BatchHeader, key: PublicKey, erased: [Int: Digest]
  ) throws(Failure) {
    guard batch.records.count == header.recordCount else {
      throw .malformed(
        "RECORD_COUNT_MISMATCH", field: "records",
        "\(batch.records.count) records; header.record_count says \(header.recordCount)")
    }
    let wrong = batch.records.indices.first { index in
      erased[index] == nil && !(1...Limits.recordBytes).contains(batch.records[index].count)
    }
    if let index = wrong {
      throw .malformed(
        "RECORD_SIZE", field: "records[\(index)]",
        "\(batch.records[index].count) bytes; 1 to \(Limits.recordBytes) expected")
    }
    try BatchSignature.verify(batch.signature, header: batch.header, by: key)
  }

  private static func examine(
    _ batch: Cairn_V1_Batch, header: BatchHeader, suite: Suite, erased: [Int: Digest]
  ) throws(Failure) -> AdmittedBatch {
    let recordIDs = batch.records.enumerated().map { erased[$0] ?? MerkleTree.leafHash($1) }
    let root = MerkleTree.root(recordIDs)
    guard root == header.recordsRoot else {
      throw .malformed(
        "RECORDS_ROOT_MISMATCH", field: "header.records_root",
        "\(header.recordsRoot); the RFC 6962 tree over the records has root \(root)")
    }
    var examiner = RecordExaminer(header: header, skipsBadRecords: header.skipsBadRecords)
    for (index, record) in batch.records.enumerated() {
      if erased[index] == nil {
        try examiner.examine(record, id: recordIDs[index], index: UInt32(index))
      } else {
        examiner.passOver(recordIDs[index], index: UInt32(index))
      }
    }
    guard examiner.changes.isEmpty || !header.skipsBadRecords else {
      throw .malformed(
        "SKIP_NOT_ALLOWED", field: "header.on_error",
        "a batch with consortium records is recorded as a whole or not at all: ON_ERROR_REJECT_BATCH expected")
    }
    guard examiner.changes.isEmpty || examiner.changes.count == batch.records.count else {
      throw .malformed(
        "MIXED_FAMILIES", field: "records",
        "consortium records stand in batches of their own; this one has other records")
    }
    return AdmittedBatch(
      header: header, suite: suite, signature: batch.signature.value, records: batch.records, recordIDs: recordIDs,
      postings: examiner.postings, eventTimes: examiner.eventTimes, changes: examiner.changes,
      rejections: examiner.rejections, families: examiner.families)
  }
}

/// Walks a batch's records and gathers what the writer will need.
private struct RecordExaminer {
  private let skipsBadRecords: Bool
  private(set) var postings: [RelativePosting] = []
  private(set) var eventTimes: [Instant?]
  private(set) var changes: [AdmittedBatch.Change] = []
  private(set) var rejections: [RecordRejection] = []
  private(set) var families: Set<RecordFamily> = []

  init(header: BatchHeader, skipsBadRecords: Bool) {
    self.skipsBadRecords = skipsBadRecords
    eventTimes = Array(repeating: nil, count: header.recordCount)
    postings.reserveCapacity(3 + header.recordCount * 6)
    postings.append(RelativePosting(.header(header.digest), 0))
    postings.append(RelativePosting(.author(header.authorKeyID), 0))
    postings.append(RelativePosting(.sequence(header.sequence, of: header.authorKeyID), 0))
  }

  /// Takes note of a record of which there is nothing but its id.
  mutating func passOver(_ id: Digest, index: UInt32) { postings.append(RelativePosting(.record(id), index)) }

  mutating func examine(_ record: Data, id: Digest, index: UInt32) throws(Failure) {
    postings.append(RelativePosting(.record(id), index))
    do {
      let parsed = try ParsedRecord(record)
      families.insert(parsed.family)
      switch parsed.body {
      case .provenance(let event): post(event, index)
      case .masterData(let data): postings += Self.terms(of: data).map { RelativePosting($0, index) }
      case .consortium(let change): changes.append(.init(index: index, record: id, change: change))
      }
    } catch {
      guard skipsBadRecords else { throw error.under("records[\(index)]") }
      rejections.append(RecordRejection(index: index, failure: error))
    }
  }

  private mutating func post(_ event: ValidatedEvent, _ index: UInt32) {
    eventTimes[Int(index)] = event.eventTime
    Self.forEachTerm(of: event) { postings.append(RelativePosting($0, index)) }
  }

  static func terms(of data: ValidatedMasterData) -> [Term] { [.masterData(data.subject), .allMasterData] }

  static func forEachTerm(of event: ValidatedEvent, _ body: (Term) -> Void) {
    for item in event.items { body(.item(item.canonical)) }
    if let place = event.readPoint { body(.readPoint(place)) }
    if let place = event.bizLocation { body(.bizLocation(place)) }
    if !event.event.eventID.isEmpty { body(.eventID(event.event.eventID)) }
    if event.event.type == .transformation, !event.event.transformationID.isEmpty {
      body(.transformationID(event.event.transformationID))
    }
    for transaction in event.bizTransactions { body(.bizTransaction(transaction)) }
  }
}
