package import Primitives
import Signing

/// A key of the ledger's index: the first 64 bits of a hash over what is indexed.
///
/// Two values may share a term, so whatever the index finds is compared with the record itself before it is believed.
package struct Term: Hashable, Sendable {
  /// The key as the index stores it.
  package let rawValue: UInt64

  private init(_ kind: UInt8, _ text: String) {
    var text = text
    rawValue = text.withUTF8 { SHA256.hash(prefix: kind, UnsafeRawBufferPointer($0)) }.prefix64
  }

  /// What is named by a hash already is found under that hash.
  private init(_ digest: Digest) { rawValue = digest.prefix64 }

  /// An item, lot or class by canonical identifier.
  package static func item(_ canonical: String) -> Term { Term(1, canonical) }
  /// A read point by canonical identifier.
  package static func readPoint(_ canonical: String) -> Term { Term(2, canonical) }
  /// A business location by canonical identifier.
  package static func bizLocation(_ canonical: String) -> Term { Term(3, canonical) }
  /// An EPCIS event id as written.
  package static func eventID(_ text: String) -> Term { Term(4, text) }
  /// A transformation by its EPCIS transformationID as written.
  package static func transformationID(_ text: String) -> Term { Term(5, text) }
  /// A record by id.
  package static func record(_ id: Digest) -> Term { Term(id) }
  /// A batch by the digest of its header.
  package static func header(_ digest: Digest) -> Term { Term(digest) }
  /// A batch by the leaf hash of its log entry.
  package static func entry(_ leafHash: Digest) -> Term { Term(leafHash) }
  /// All batches of an author.
  package static func author(_ key: KeyID) -> Term { Term(key.digest) }
  /// One batch of an author.
  package static func sequence(_ sequence: UInt64, of key: KeyID) -> Term {
    var hasher = SHA256()
    key.digest.withUnsafeBytes { hasher.update($0) }
    withUnsafeBytes(of: sequence.bigEndian) { hasher.update($0) }
    return Term(hasher.finalize())
  }
}

/// A term and the record it leads to, by index in its batch. What speaks of a whole batch leads to its first record.
package struct RelativePosting: Hashable, Sendable {
  package let term: Term
  /// Index in the batch, from 0.
  package let index: UInt32

  /// Leads `term` to the record `index`.
  package init(_ term: Term, _ index: UInt32) {
    self.term = term
    self.index = index
  }
}
