package import Consortium
import Foundation
import Ledger
import Merkle
package import Primitives
import Signing
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Everything that proves one record, and whose keys signed it back to genesis, under one checkpoint: the latest certified
  /// one that covers the record, this node's own where none does yet, or the one asked for. A record that the caller may not read is answered as one that does not exist, after the same work.
  package func getEvidence(
    _ request: Cairn_V1_GetEvidenceRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_GetEvidenceResponse {
    let asked = ContinuousClock.now
    let view = views.current
    let treeSize = try Self.treeSize(request.treeSize, field: "tree_size", in: view)
    let scope = scope(of: caller, in: view)
    guard let place = try await place(of: request.record, scope, in: view, treeSize: treeSize) else {
      await hold(since: asked, scope)
      throw Self.unknownRecord(request.record)
    }
    try Self.requireInTree(place.position, size: treeSize)
    let checkpoint =
      request.treeSize == 0
      ? latestCheckpoint(in: view, holding: place.position) : try await checkpoint(size: treeSize, in: view)
    let evidence = try await store.read { reader in
      var builder = EvidenceBuilder(reader: reader, view: view, checkpoint: checkpoint)
      return try builder.evidence(ofRecordAt: place)
    }
    return .with { $0.evidence = evidence }
  }

  /// The record's place, if there is such a record and the caller may read it.
  private func place(
    of record: Cairn_V1_GetEvidenceRequest.OneOf_Record?, _ scope: ReadingScope, in view: LedgerView, treeSize: UInt64
  ) async throws(Failure) -> RecordPlace? {
    switch record {
    case .recordPosition(let wanted):
      // That the tree is smaller is public, so it may be said first.
      try Self.requireInTree(wanted.position, size: treeSize)
      let place = RecordPlace(position: wanted.position, index: wanted.recordIndex)
      return try await store.read { reader in
        guard let entry = try reader.entry(at: place.position) else { return nil }
        let index = min(UInt64(place.index), UInt64(entry.recordCount - 1))
        return try Self.first(of: [entry.firstOrdinal + index], reader, scope) { $0.index == place.index }
      }
    case .recordID(let bytes):
      let id = try Self.digest(bytes, "record_id")
      let ordinals = try index.ordinals(matching: [Term.record(id).rawValue], below: view.recordCount, limit: 16)
      // Where the index knows of none, the genesis record is looked at for one.
      return try await store.read { reader in
        try Self.first(of: ordinals.isEmpty ? [0] : ordinals, reader, scope) { try reader.recordID(of: $0) == id }
      }
    case nil: throw .malformed("MISSING_RECORD", field: "record", "one of record_id, record_position must be present")
    }
  }

  private static func first(
    of ordinals: [UInt64], _ reader: LedgerReader, _ scope: ReadingScope, where isWanted: (StoredRecord) throws -> Bool
  ) throws -> RecordPlace? {
    var assembler = EventAssembler(scope)
    let found = try reader.records(ordinals: ordinals).first { record in
      let mayRead = try assembler.mayRead(record)
      // What was erased everyone may know: the vote says so.
      return try isWanted(record) && (mayRead || record.isRedacted)
    }
    return found.map { RecordPlace(position: $0.position, index: $0.index) }
  }

  private static func requireInTree(_ position: UInt64, size: UInt64) throws(Failure) {
    guard position < size else {
      throw Failure(
        .outOfRange, "POSITION_OUT_OF_RANGE",
        "tree_size: \(size); the record is in entry \(position), which that tree does not have")
    }
  }

  private static func unknownRecord(_ record: Cairn_V1_GetEvidenceRequest.OneOf_Record?) -> Failure {
    let what =
      switch record {
      case .recordPosition(let place): "record_position: entry \(place.position) has no record \(place.recordIndex)"
      case .recordID(let id): "record_id: no record of this ledger has the id \(Hex.encode(id))"
      case nil: "record"
      }
    return Failure(.notFound, "UNKNOWN_RECORD", "\(what), or none that the caller may read")
  }
}
