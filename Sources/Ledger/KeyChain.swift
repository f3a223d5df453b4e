import Consortium
import Primitives

/// Follows every author back to genesis: folds the consortium's records, in the order of the log, through the same rules
/// that the ledger applied; each author must have been in force, and allowed to do that, where its record stands.
struct KeyChain {
  /// A record, and the field in which the evidence has it.
  typealias Link = (field: String, record: VerifiedRecord)

  /// Members and keys as far as the records tell.
  private(set) var directory: Directory

  /// Begins with the genesis record of the ledger.
  init(_ genesis: Link, of ledgerID: Digest) throws(Failure) {
    let record = genesis.record
    guard record.position == 0, record.index == 0, record.header.ledgerID == nil, record.header.digest == ledgerID,
      case .success(let parsed) = record.content, case .consortium(.genesis(let terms)) = parsed.body,
      record.entry.ledgerTime == record.header.createdAt
    else {
      throw .step("KEY_CHAIN", "NO_GENESIS", field: genesis.field, "the genesis record must be here")
    }
    directory = try within("KEY_CHAIN") { () throws(Failure) in
      try Directory(terms, at: record.entry.ledgerTime)
    }
  }

  /// Follows further records, ascending by their place, each once.
  mutating func follow(_ links: [Link]) throws(Failure) {
    var start = 0
    while start < links.count {
      let batch = links[start...].prefix { $0.record.position == links[start].record.position }
      // What a batch changes takes effect after it.
      for link in batch { try check(link) { (record) throws(Failure) in try record.requireAuthority(in: directory) } }
      for link in batch { try check(link) { (record) throws(Failure) in try record.amend(&directory) } }
      start += batch.count
    }
  }

  private func check(_ link: Link, _ body: (VerifiedRecord) throws(Failure) -> Void) throws(Failure) {
    do { try body(link.record) } catch {
      var failure = error.under(link.field)
      failure.metadata["step"] = "KEY_CHAIN"
      throw failure
    }
  }
}
