import FoundationEssentials
import SwiftProtobuf
package import Wire

extension Cairn_V1_EvidencePack {
  /// The pack in parts of about so many bytes, at least one: each holds a piece of the lists, and protobuf merges them back
  /// into the pack. Only what cannot be cut, a record or the hashes of one batch, makes a part larger.
  package func parts(ofBytes limit: Int) -> [Cairn_V1_EvidencePack] {
    var parts = Parts(limit: limit)
    parts.current = .with {
      $0.version = version
      $0.ledgerID = ledgerID
      $0.checkpoint = checkpoint
    }
    for key in authorPublicKeys { parts.add(key.count) { $0.authorPublicKeys.append(key) } }
    for batch in batches {
      let bytes = batch.entry.count + 34 * batch.recordHashes.count + 3 * batch.recordIndices.count
      parts.add(bytes) { $0.batches.append(batch) }
    }
    for record in records { parts.add(record.count) { $0.records.append(record) } }
    for hash in logHashes { parts.add(hash.count) { $0.logHashes.append(hash) } }
    return parts.full + [parts.current]
  }

  private struct Parts {
    let limit: Int
    var full: [Cairn_V1_EvidencePack] = []
    var current = Cairn_V1_EvidencePack()
    private var bytes = 0

    init(limit: Int) { self.limit = limit }

    mutating func add(_ count: Int, _ append: (inout Cairn_V1_EvidencePack) -> Void) {
      if bytes > 0, bytes + count > limit {
        full.append(current)
        current = Cairn_V1_EvidencePack()
        bytes = 0
      }
      append(&current)
      bytes += count
    }
  }
}
