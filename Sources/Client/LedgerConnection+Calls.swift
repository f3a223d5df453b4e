import FoundationEssentials
import GRPCCore
package import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

extension LedgerConnection {
  /// The ledger's identity, limits and policy.
  package func ledgerInfo() async throws(Failure) -> Cairn_V1_GetLedgerResponse {
    try await call { try await $0.ledger.getLedger(Cairn_V1_GetLedgerRequest(), options: Self.options) }
  }

  /// The ledger's id.
  package func ledgerID() async throws(Failure) -> Digest {
    guard let id = Digest(try await ledgerInfo().ledgerID) else {
      throw Failure(.corrupt, "MALFORMED_ANSWER", "\(address) gave a ledger id that has not 32 bytes")
    }
    return id
  }

  /// A key and where its chain stands; fails with UNKNOWN_KEY.
  package func author(_ key: KeyID) async throws(Failure) -> Cairn_V1_GetAuthorResponse {
    let request = Cairn_V1_GetAuthorRequest.with { $0.keyID = Data(key.digest.bytes) }
    return try await call { try await $0.ledger.getAuthor(request, options: Self.options) }
  }

  /// The digest of the header that the ledger has from `key` under a sequence number; nil where it has none.
  package func headerDigest(of key: KeyID, sequence: UInt64) async throws(Failure) -> Digest? {
    let request = Cairn_V1_GetReceiptRequest.with {
      $0.authorSequence = .with {
        $0.keyID = Data(key.digest.bytes)
        $0.sequence = sequence
      }
    }
    do {
      let response = try await call { try await $0.ledger.getReceipt(request, options: Self.options) }
      return Digest(response.receipt.headerDigest)
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// Everything that proves one record, under the latest checkpoint.
  package func evidence(of record: Cairn_V1_GetEvidenceRequest.OneOf_Record) async throws(Failure) -> Cairn_V1_Evidence
  {
    let request = Cairn_V1_GetEvidenceRequest.with { $0.record = record }
    return try await call { try await $0.audit.getEvidence(request, options: Self.options) }.evidence
  }

  /// The latest checkpoint, or the one of that size.
  package func checkpoint(size: UInt64 = 0) async throws(Failure) -> Cairn_V1_GetCheckpointResponse {
    let request = Cairn_V1_GetCheckpointRequest.with { $0.size = size }
    return try await call { try await $0.audit.getCheckpoint(request, options: Self.options) }
  }

  /// The path that is to show that the log of `second` entries continues that of `first`; nothing of it is verified.
  package func consistencyPath(from first: UInt64, to second: UInt64) async throws(Failure) -> [Digest] {
    let request = Cairn_V1_GetConsistencyProofRequest.with {
      $0.firstSize = first
      $0.secondSize = second
    }
    let answer = try await call { try await $0.audit.getConsistencyProof(request, options: Self.options) }
    let path = answer.path.compactMap { Digest($0) }
    guard path.count == answer.path.count else {
      throw Failure(.corrupt, "MALFORMED_ANSWER", "\(address) gave a proof with a hash that has not 32 bytes")
    }
    return path
  }

  /// Log entries from a position on, each handed to `visit`; ends with the stream.
  package func watch(
    _ request: Cairn_V1_WatchLogRequest, _ visit: @escaping @Sendable (Cairn_V1_WatchLogResponse) throws -> Void
  ) async throws(Failure) {
    try await call { connection in
      try await connection.ledger.watchLog(request, options: Self.options) { response in
        for try await message in response.messages { try visit(message) }
      }
    }
  }

  /// Where something came from and where it went: the parts of the answer put together.
  package func trace(_ request: Cairn_V1_TraceRequest) async throws(Failure) -> Cairn_V1_TraceResponse {
    try await call { connection in
      try await connection.provenance.trace(request, options: Self.options) { response in
        var whole = Cairn_V1_TraceResponse()
        for try await part in response.messages { try whole.add(part) }
        return whole
      }
    }
  }

  /// The state of an item; fails with UNKNOWN_ITEM.
  package func item(_ request: Cairn_V1_GetItemRequest) async throws(Failure) -> Cairn_V1_GetItemResponse {
    try await call { try await $0.provenance.getItem(request, options: Self.options) }
  }

  func call<Value: Sendable>(_ body: (LedgerConnection) async throws -> Value) async throws(Failure) -> Value {
    do { return try await body(self) } catch { throw Failure(anyError: error, server: address) }
  }
}
