import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

extension EventAssembler {
  /// The description that the record holds; nil for a record that the caller may not read, and for one that describes
  /// nothing, or something else than `subject`.
  mutating func masterData(_ record: StoredRecord, of subject: String?) throws -> Version? {
    guard try mayRead(record), case .masterData(let data) = try? ParsedRecord(record.bytes).body,
      subject.map({ $0 == data.subject }) ?? true
    else { return nil }
    let batch = try batch(of: record)
    let recorded = Cairn_V1_RecordedMasterData.with {
      $0.masterData = data.masterData
      $0.recordID = Data(MerkleTree.leafHash(record.bytes).bytes)
      $0.position = record.position
      $0.recordIndex = record.index
      $0.ledgerTimeMicroseconds = batch.ledgerTime.microseconds
      $0.authorKeyID = Data(batch.author.digest.bytes)
      $0.memberID = scope.directory.keys[batch.author]?.memberID.description ?? ""
      $0.authorCompromised = scope.directory.isCompromised(batch.author, at: batch.ledgerTime)
    }
    return Version(ordinal: record.ordinal, data: data, recorded: recorded, byteCount: record.bytes.count)
  }
}
