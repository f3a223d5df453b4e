import Consortium
import Ledger
import Primitives
import Signing

extension VerifiedEvidence {
  /// Where the key of a record's author was registered, and for whom: the first such record counts, as in the ledger.
  func registration(of record: VerifiedRecord) -> (registrar: VerifiedRecord, terms: KeyRegistration)? {
    records
      .filter { $0.position < record.position || $0.header.ledgerID == nil }
      .compactMap { other in other.registration(of: record.author.id).map { (other, $0) } }
      .min { ($0.0.position, $0.0.index) < ($1.0.position, $1.0.index) }
  }
}
