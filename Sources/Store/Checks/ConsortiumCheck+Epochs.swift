import Consensus
import Foundation
import GRDB
import Ledger
import Merkle
import Primitives
import SwiftProtobuf
import Wire

extension ConsortiumCheck {
  /// Whether the log can be trusted up to where it is said to be.
  func brokenCatchUp() throws -> [String] {
    guard let base = try reader.catchUpBase() else { return [] }
    guard let own = root(base.size), own == base.root else {
      return ["the log of \(base.size) entries that is trusted has the root \(base.root), which is not this one's"]
    }
    if base.note.isEmpty { return [] }
    let signers = try signers(of: base.note, size: base.size, root: base.root)
    return signers.isEmpty ? ["its note is not signed by a node's key over \(base.size) entries"] : []
  }

  /// Whether each batch that waits to be published again is one of this ledger, whole and signed. Whose key was registered in
  /// what was taken out is not known for now.
  func brokenHeldBatches() throws -> [String] {
    let admission = Admission(ledgerID: ledgerID)
    var broken: [String] = []
    let cursor = try Row.fetchCursor(reader.db, sql: "SELECT id, header_digest, bytes FROM republish ORDER BY id")
    while let row = try cursor.next() {
      let name = "batch \(try row.integer(0)) that waits to be published again"
      do {
        let batch = try Cairn_V1_Batch(serializedBytes: try row.data(2))
        let digest = Digest(try row.data(1))
        guard try BatchHeader(batch.header).digest == digest else {
          broken.append("\(name): its header has another digest")
          continue
        }
        _ = try admission.admit(batch, directory: directory)
      } catch let failure as Failure where failure.reason == "UNKNOWN_KEY" {
        continue
      } catch { broken.append("\(name): \(error)") }
    }
    return broken
  }

  /// Whether each epoch was opened from a part of this log that the members' statements, each rightly signed, allow.
  func brokenOpenings() throws -> [String] {
    var end = edge.size
    var broken: [String] = []
    for kept in openings.reversed() {
      do {
        let opening = try parse(kept)
        if let flaw = try flaw(in: opening, of: kept.epoch, end: end, isLatest: kept == openings.last) {
          broken.append("epoch \(kept.epoch): \(flaw)")
        }
        end = min(end, opening.base.size)
      } catch { broken.append("epoch \(kept.epoch): \(error)") }
    }
    return broken
  }

  /// Whether each statement is what this node said when it left that epoch. Whose key was registered in what was taken out
  /// is not known for now.
  func brokenStatements() throws -> [String] {
    try Row.fetchAll(reader.db, sql: "SELECT epoch, bytes FROM statement ORDER BY epoch").compactMap { row in
      let epoch = try row.natural(0)
      do {
        let signed = try SignedStatement(Cairn_V1_SignedStatement(serializedBytes: try row.data(1)))
        guard signed.statement.closedEpoch == epoch, signed.statement.ledgerID == ledgerID else {
          return "epoch \(epoch): it closes another epoch, or ledger"
        }
        _ = try signed.verified(by: directory)
        return nil
      } catch let failure as Failure where failure.reason == "UNKNOWN_KEY" && !isUncut {
        return nil
      } catch { return "epoch \(epoch): \(error)" }
    }
  }

  func parse(_ kept: KeptOpening) throws(Failure) -> EpochOpening {
    guard case .opening(let opening) = OrderedItem(kept.bytes) else {
      throw LedgerReader.corrupt("what opened epoch \(kept.epoch)")
    }
    return opening
  }

  /// Why it is no opening; the log is as it was then up to `end` only.
  private func flaw(in opening: EpochOpening, of epoch: UInt64, end: UInt64, isLatest: Bool) throws -> String? {
    guard opening.epoch == epoch, opening.ledgerID == ledgerID else { return "it opens another epoch, or ledger" }
    for statement in opening.statements {
      do throws(Failure) { _ = try statement.verified(by: directory) } catch {
        if error.reason != "UNKNOWN_KEY" { return "a statement of \(statement.keyID): \(error.message)" }
      }
    }
    let base = opening.base
    guard base.size <= end else {
      return isLatest ? "it goes on from \(base.size) entries, and the log has \(edge.size)" : nil
    }
    guard root(base.size) == base.root else { return "it goes on from another log of \(base.size) entries" }
    let signers = try signers(before: base.size)
    if signers.isEmpty { return nil }
    do throws(Failure) {
      try Recovery.judge(
        opening, ledgerID: ledgerID, epoch: epoch, directory: directory, signers: signers,
        root: { $0 <= base.size ? root($0) : nil })
    } catch { return "the statements do not allow it: \(error.message)" }
    return nil
  }

  /// Who was in charge from the last certificate that is kept of a log of at most `size` entries to that log's end, as far
  /// as they could make anything final.
  private func signers(before size: UInt64) throws -> [Signers] {
    let certificates = try reader.certificates(limit: Store.maxCertificates)
    let start = certificates.first { $0.size <= size }?.size ?? size
    var history = SignerHistory()
    for end in start...size {
      let time = try time(at: end)
      history.record(Signers(directory, at: time, position: end), at: end)
    }
    return history.signers(from: start, to: size).filter { $0.quorum <= $0.memberCount }
  }
}

extension LedgerReader {
  /// What opened the epochs after the first, ascending.
  func openings() throws -> [KeptOpening] {
    try Row.fetchAll(db, sql: "SELECT epoch, bytes FROM epoch_opening ORDER BY epoch").map {
      KeptOpening(epoch: try $0.natural(0), bytes: try $0.data(1))
    }
  }
}
