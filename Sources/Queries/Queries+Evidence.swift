import Consortium
import Foundation
import Ledger
import Merkle
package import Primitives
import Signing
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Everything that proves one record, and whose keys signed it back to genesis, under one checkpoint.
  package func getEvidence(_ request: Cairn_V1_GetEvidenceRequest) async throws(Failure) -> Cairn_V1_GetEvidenceResponse
  {
    let view = views.current
    let checkpoint = try await checkpoint(size: request.treeSize, in: view)
    let place = try await place(of: request.record, in: view)
    guard place.position < checkpoint.size else {
      throw Failure(
        .outOfRange, "POSITION_OUT_OF_RANGE",
        "tree_size: \(checkpoint.size); the record is in entry \(place.position), which that tree does not have")
    }
    let evidence = try await store.read { reader in
      var builder = EvidenceBuilder(reader: reader, view: view, checkpoint: checkpoint)
      return try builder.evidence(ofRecordAt: place)
    }
    return .with { $0.evidence = evidence }
  }

  private func place(
    of record: Cairn_V1_GetEvidenceRequest.OneOf_Record?, in view: LedgerView
  ) async throws(Failure) -> RecordPlace {
    switch record {
    case .recordPosition(let place): return RecordPlace(position: place.position, index: place.recordIndex)
    case .recordID(let bytes): return try await place(ofRecord: try Self.digest(bytes, "record_id"), in: view)
    case nil: throw .malformed("MISSING_RECORD", field: "record", "one of record_id, record_position must be present")
    }
  }

  private func place(ofRecord id: Digest, in view: LedgerView) async throws(Failure) -> RecordPlace {
    let ordinals = try index.ordinals(
      matching: [Term.record(id).rawValue], below: view.recordCount, limit: 16)
    let found = try await store.read { reader in
      try reader.records(ordinals: ordinals).first { MerkleTree.leafHash($0.bytes) == id }
    }
    guard let found else {
      throw Failure(.notFound, "UNKNOWN_RECORD", "record_id: no record of this ledger has the id \(id)")
    }
    return RecordPlace(position: found.position, index: found.index)
  }
}
