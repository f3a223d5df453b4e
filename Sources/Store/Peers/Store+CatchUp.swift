import Consortium
import Foundation
import GRDB
package import Ledger
package import Primitives

/// How a node goes on from a proven log: with the members' certificate, and from a place in the engine's stream.
package struct ProvenCourse: Sendable {
  /// The certificate over all of the log.
  package let certificate: SignedCheckpoint
  /// Where the order stood there.
  package let place: EnginePlace

  /// The course of these parts.
  package init(certificate: SignedCheckpoint, place: EnginePlace) {
    self.certificate = certificate
    self.place = place
  }
}

/// While a node fetches from its peers, the log has entries that nothing vouches for yet. They are there to go on with after
/// a crash; nobody reads them, nothing is signed over them and nothing is erased because of them, until a certificate
/// covers them (`prove`) or they turn out to be wrong (`abandonUnproven`).
extension Store {
  /// From now on entries are added unproven, whatever was before. Without effect where that is so already.
  package func beginCatchUp() async throws(Failure) {
    try await write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO catch_up (id, size, root, note) SELECT 1, size, root, note FROM checkpoint")
    }
  }

  /// The first entry of a ledger that is fetched from others, in the calling thread: not signed, and to be caught up from.
  package func appendNow(fetched genesis: AppliedBatch, root: Digest) throws(Failure) {
    try Failure.mapping {
      try pool.write { db in
        let checkpoint = SignedCheckpoint(size: genesis.position + 1, root: root, note: "")
        _ = try LedgerWriter(db: db).append([genesis], checkpoint: checkpoint)
        try db.execute(sql: "INSERT INTO catch_up (id, size, root, note) SELECT 1, size, root, note FROM checkpoint")
      }
    }
  }

  /// Appends batches that no certificate covers yet, in one transaction and with one fsync. `claims` are the erased records
  /// among them, as the peer says; `root` is the log's root after the group.
  ///
  /// Fails with FALSE_ERASURE where an entry of the group was to have erased what it did not.
  package func append(
    unproven group: [AppliedBatch], claims: [StoredRedaction], root: Digest
  ) async throws(Failure) {
    guard let first = group.first, let last = group.last else { return }
    try await write { db in
      let writer = LedgerWriter(db: db)
      guard try LedgerReader(db: db).catchUpBase() != nil else {
        throw Failure(.bug, "NOT_CATCHING_UP", "unproven entries were added to a log that does not catch up")
      }
      for claim in claims { try writer.note(claim) }
      try writer.append(
        unproven: group, checkpoint: SignedCheckpoint(size: last.position + 1, root: root, note: ""))
      try writer.requireClaims(decidedIn: first.position..<last.position + 1, by: group)
    }
  }

  /// Takes the log as it is for proven: `checkpoint` is over all of it, and a quorum vouches for its root. What its votes
  /// erase is erased now. With `isComplete` the catching up is over. `course` is how the node goes on from there where the
  /// members share an engine, and saved in the same transaction. Gives what the index must no longer lead to erased records
  /// by.
  ///
  /// Fails with ERASURE_UNPROVEN where a record is missing that is said to be erased by a vote beyond the log's end.
  package func prove(
    _ checkpoint: SignedCheckpoint, following course: ProvenCourse? = nil, isComplete: Bool
  ) async throws(Failure) -> [Posting]? {
    let erased = try await write { db -> [Posting]? in
      let reader = LedgerReader(db: db)
      guard let base = try reader.catchUpBase() else {
        throw Failure(.bug, "NOT_CATCHING_UP", "a log was to be proven that does not catch up")
      }
      guard let stored = try reader.checkpoint(), stored.size == checkpoint.size, stored.root == checkpoint.root else {
        throw Failure(.bug, "ROOT_MISMATCH", "a checkpoint was to prove another log than the one that was fetched")
      }
      if let claim = try reader.openClaim(in: checkpoint.size) { throw claim.isUnproven }
      let erased = try LedgerWriter(db: db).eraseWhatWasProven(from: base.size)
      try LedgerWriter(db: db).save(checkpoint)
      if let course {
        try LedgerWriter(db: db).save(certificate: course.certificate)
        // Those of an epoch that is over lead nowhere.
        try db.execute(
          sql: "DELETE FROM order_place WHERE epoch <> ?", arguments: [Int64(clamping: course.place.epoch)])
        let placed = PlacedCheckpoint(size: checkpoint.size, root: checkpoint.root, place: course.place)
        try EngineProgress(to: course.place, checkpoints: [placed]).save(in: db)
      }
      try db.execute(sql: "DELETE FROM catch_up")
      if !isComplete {
        try db.execute(sql: "INSERT INTO catch_up (id, size, root, note) SELECT 1, size, root, note FROM checkpoint")
      }
      return erased
    }
    if erased != nil { try? await cutJournal() }
    return erased
  }

  /// Takes everything out again that is not proven. The node still catches up.
  package func abandonUnproven() async throws(Failure) {
    try await write { db in
      guard let base = try LedgerReader(db: db).catchUpBase() else { return }
      let writer = LedgerWriter(db: db)
      // Nothing was erased because of an unproven vote: the notes go, what they are about is there.
      try db.execute(sql: "DELETE FROM redaction WHERE decided_at >= ?", arguments: [Int64(clamping: base.size)])
      _ = try writer.remove(from: base.size, keepingBatches: false)
      try writer.save(base)
    }
  }

  /// Goes on with what is proven, without the rest.
  package func endCatchUp() async throws(Failure) {
    try await abandonUnproven()
    try await write { try $0.execute(sql: "DELETE FROM catch_up") }
  }

  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(Failure) -> Value {
    do { return try await pool.write(body) } catch { throw Failure(storage: error) }
  }
}

extension LedgerReader {
  /// Up to where the log is trusted while the node catches up; nil when it does not. The note is empty where nobody signed
  /// that checkpoint here.
  package func catchUpBase() throws -> SignedCheckpoint? {
    try Row.fetchOne(db, sql: "SELECT size, root, note FROM catch_up").map { row in
      guard let root = Digest(try row.data(1)) else { throw Self.corrupt("the root that was proven last") }
      return SignedCheckpoint(size: try row.natural(0), root: root, note: try row.text(2))
    }
  }

  /// Refuses a log of which a part is not proven: preconditionFailed CATCH_UP_UNFINISHED.
  package func requireNoCatchUp() throws {
    if let base = try catchUpBase() { throw base.isUnfinished }
  }

  /// A record that is missing although no vote of a log of `size` entries erased it; nil where there is none.
  package func openClaim(in size: UInt64) throws -> StoredRedaction? {
    try redactions(where: "decided_at >= ?", [Int64(clamping: size)]).max { $0.decidedAt < $1.decidedAt }
  }
}

extension SignedCheckpoint {
  /// Says that what lies beyond this checkpoint was fetched and is not proven.
  package var isUnfinished: Failure {
    Failure(
      .preconditionFailed, "CATCH_UP_UNFINISHED",
      "the log beyond entry \(size) is not proven yet: give the command again that fetches it, cairnd join or cairnd recover "
        + "open; it goes on where it was")
  }
}

extension StoredRedaction {
  /// Fails because nothing shows the vote yet.
  var isUnproven: Failure {
    Failure(
      .corrupt, "ERASURE_UNPROVEN",
      "record \(place.index) of log entry \(place.position) is said to be erased by log entry \(decidedAt), which no "
        + "certificate covers", metadata: ["decided_at": String(decidedAt)])
  }
}

extension LedgerWriter {
  fileprivate func append(unproven group: [AppliedBatch], checkpoint: SignedCheckpoint) throws {
    for applied in group {
      let runs = Chunk.runs(applied.batch.records)
      try appendLog(applied, runs)
      try derive(from: applied, runs)
    }
    try saveChains(of: group)
    try save(checkpoint)
  }

  /// Refuses a group some of whose entries were to have erased a record and did not.
  fileprivate func requireClaims(decidedIn positions: Range<UInt64>, by group: [AppliedBatch]) throws {
    let claims = try LedgerReader(db: db).redactions(
      where: "decided_at >= ? AND decided_at < ?",
      [Int64(clamping: positions.lowerBound), Int64(clamping: positions.upperBound)])
    if claims.isEmpty { return }
    let voted = Set(
      group.flatMap { applied in applied.redactions.map { StoredRedaction($0, decidedAt: applied.position) } })
    guard let lie = claims.first(where: { !voted.contains($0) }) else { return }
    throw Failure(
      .corrupt, "FALSE_ERASURE",
      "record \(lie.place.index) of log entry \(lie.place.position) is said to be erased by log entry \(lie.decidedAt), "
        + "which does not do so")
  }

  /// Erases what the votes since `base` decided, as far as it came with its content.
  fileprivate func eraseWhatWasProven(from base: UInt64) throws -> [Posting]? {
    var erased: [Posting]?
    let reader = LedgerReader(db: db)
    for redaction in try reader.redactions(where: "decided_at >= ?", [Int64(clamping: base)]) {
      guard let entry = try reader.entry(at: redaction.place.position) else {
        throw LedgerReader.corrupt("log entry \(redaction.place.position), of which a record was erased,")
      }
      let ordinal = entry.firstOrdinal + UInt64(redaction.place.index)
      guard let record = try reader.records(ordinals: [ordinal]).first, !record.isRedacted else { continue }
      erased = try (erased ?? []) + erase(redaction)
    }
    // An index that never had those that came without is still to know how many there are.
    if let erased { return erased }
    return try reader.redactionCount() > 0 ? [] : nil
  }
}
