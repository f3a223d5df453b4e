package import Primitives
import Signing

/// A key of the ledger's index: the first 64 bits of a hash over what is indexed.
///
/// Two values may share a term, so whatever the index finds is compared with the record itself before it is believed.
package struct Term: Hashable, Sendable {
  /// The key as the index stores it.
  package let rawValue: UInt64

  private init(_ kind: UInt8, _ value: some Sequence<UInt8>) {
    rawValue = SHA256.hash([kind] + value).prefix64
  }

  /// An item, lot or class by canonical identifier.
  package static func item(_ canonical: String) -> Term { Term(1, canonical.utf8) }
  /// A read point by canonical identifier.
  package static func readPoint(_ canonical: String) -> Term { Term(2, canonical.utf8) }
  /// A business location by canonical identifier.
  package static func bizLocation(_ canonical: String) -> Term { Term(3, canonical.utf8) }
  /// An EPCIS event id as written.
  package static func eventID(_ text: String) -> Term { Term(4, text.utf8) }
  /// A record by id. Ids are hashes already.
  package static func record(_ id: Digest) -> Term { Term(5, id.bytes) }
  /// A batch by the digest of its header.
  package static func header(_ digest: Digest) -> Term { Term(6, digest.bytes) }
  /// A batch by the leaf hash of its log entry.
  package static func entry(_ leafHash: Digest) -> Term { Term(9, leafHash.bytes) }
  /// All batches of an author.
  package static func author(_ key: KeyID) -> Term { Term(7, key.digest.bytes) }
  /// One batch of an author.
  package static func sequence(_ sequence: UInt64, of key: KeyID) -> Term {
    Term(8, key.digest.bytes + Swift.withUnsafeBytes(of: sequence.bigEndian, Array.init))
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
