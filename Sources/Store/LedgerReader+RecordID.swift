package import Consortium
import Foundation
import Ledger
import Merkle
package import Primitives

extension LedgerReader {
  /// The id of the record at `place`; nil where the log has none.
  package func recordID(at place: RecordPlace) throws -> Digest? {
    guard let entry = try entry(at: place.position), Int(place.index) < entry.recordCount else { return nil }
    return MerkleTree.leafHash(try records(of: entry)[Int(place.index)])
  }
}
