package import Primitives
package import Provenance
import Signing

/// A key of the ledger's index: 64 bits of a hash over what is indexed.
///
/// Two values may share a term, so whatever the index finds is compared with the record itself before it is believed: a hash
/// that is quick is strong enough here.
package struct Term: Hashable, Sendable {
  /// The key as the index stores it.
  package let rawValue: UInt64

  private init(_ kind: UInt64, _ text: String) {
    var text = text
    rawValue = text.withUTF8 { SipHash.hash(UnsafeRawBufferPointer($0), key: (kind, 0)) }
  }

  private init(kin: UInt64, own: Term) { rawValue = kin & ~0xFFFF_FFFF | own.rawValue & 0xFFFF_FFFF }

  /// A quick hash of a text without its last three characters; it need not withstand anybody.
  private static func kin(of text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8).dropLast(3))
      var mixed = UInt64(bytes.count)
      var offset = 0
      while offset < bytes.count {
        let word =
          offset + 8 <= bytes.count
          ? UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          : bytes[offset...].reduce(0) { $0 << 8 | UInt64($1) }
        mixed = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        offset += 8
      }
      return mixed &* 0xBF58_476D_1CE4_E5B9
    }
  }

  /// What is named by a hash already is found under that hash.
  private init(_ digest: Digest) { rawValue = digest.prefix64 }

  /// An item, lot or class by canonical identifier. The upper half is that of all whose identifiers differ in the last
  /// three characters only, as do the serial numbers of one production run: what is asked for together stands together in
  /// the index. In nine thousand runs of a thousand siblings about one pair shares a term; of others, none in practice.
  package static func item(_ canonical: String) -> Term {
    Term(kin: kin(of: canonical), own: Term(1, canonical))
  }
  /// A read point by canonical identifier.
  package static func readPoint(_ canonical: String) -> Term { Term(2, canonical) }
  /// A business location by canonical identifier.
  package static func bizLocation(_ canonical: String) -> Term { Term(3, canonical) }
  /// An EPCIS event id as written.
  package static func eventID(_ text: String) -> Term { Term(4, text) }
  /// A transformation by its EPCIS transformationID as written.
  package static func transformationID(_ text: String) -> Term { Term(5, text) }
  /// A business transaction by canonical identifier.
  package static func bizTransaction(_ canonical: String) -> Term { Term(6, canonical) }
  /// An event by its CBV hash; not in the item index, but in one of its own.
  package static func eventHash(_ hash: EventHash) -> Term { Term(hash.digest) }
  /// What describes a subject, by canonical identifier.
  package static func masterData(_ subject: String) -> Term { Term(7, subject) }
  /// Everything that describes something. No subject is empty.
  package static let allMasterData = Term(7, "")
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
