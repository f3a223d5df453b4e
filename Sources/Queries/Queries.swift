import Checkpoints
package import Consortium
import Foundation
package import Ledger
package import Primitives
import Signing
package import Store
import SwiftProtobuf
package import Wire

/// Answers to every question about the ledger. Each is computed from one view: a log that ends in a signed checkpoint.
package final class Queries: Sendable {
  let store: Store
  let index: PostingIndex
  /// As far as it was made; without one every hash is computed.
  let hashes: EventHashIndex?
  let views: PublishedView
  let signer: CheckpointSigner
  /// What witnesses from outside have signed.
  let cosignatures: Cosignatures
  let seal: PageSeal
  let allowance = ReadingAllowance()
  /// See `hold`.
  let discretion: Duration
  /// The node's clock.
  let now: @Sendable () -> Instant
  private let version: String
  private let maxBatchBytes: Int
  /// Whether other members' nodes cosign.
  private let isConsortium: Bool

  /// Answers from an open store. Answers that tell of nothing are given at multiples of `discretion` only. `isConsortium` says
  /// that other members' nodes cosign this one's checkpoints.
  package init(
    store: Store, index: PostingIndex, hashes: EventHashIndex? = nil, views: PublishedView, signer: CheckpointSigner,
    cosignatures: Cosignatures = Cosignatures(), seal: PageSeal, version: String,
    maxBatchBytes: Int = Limits.batchBytes, isConsortium: Bool = false,
    discretion: Duration = .milliseconds(10), now: @escaping @Sendable () -> Instant
  ) {
    self.store = store
    self.index = index
    self.hashes = hashes
    self.views = views
    self.signer = signer
    self.cosignatures = cosignatures
    self.seal = seal
    self.version = version
    self.maxBatchBytes = maxBatchBytes
    self.isConsortium = isConsortium
    self.discretion = discretion
    self.now = now
  }

  /// The ledger's identity, keys and limits.
  package func getLedger(_ request: Cairn_V1_GetLedgerRequest) async throws(Failure) -> Cairn_V1_GetLedgerResponse {
    let view = views.current
    let policy = try cosignatures.extended(try policy(in: view))
    return .with {
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.origin = signer.origin
      $0.logVerifierKey = signer.verifierKey
      $0.logSize = view.logSize
      $0.maxBatchBytes = UInt32(maxBatchBytes)
      $0.maxRecordsPerBatch = UInt32(Limits.recordsPerBatch)
      $0.maxRecordBytes = UInt32(Limits.recordBytes)
      $0.serverVersion = version
      $0.policy = policy
    }
  }

  /// Whose signatures make a checkpoint, as the consortium's records say now; alone this node's own.
  private func policy(in view: LedgerView) throws(Failure) -> String {
    guard isConsortium else { return signer.policy }
    return try Policy(of: view.directory, origin: signer.origin, at: nextLedgerTime(in: view)).description
  }

  /// Where an author's sequence stands.
  package func getAuthor(_ request: Cairn_V1_GetAuthorRequest) async throws(Failure) -> Cairn_V1_GetAuthorResponse {
    let id = try Self.keyID(request.keyID, "key_id")
    let view = views.current
    guard let key = view.directory.keys[id] else {
      throw Failure(.notFound, "UNKNOWN_KEY", "key_id: key \(id) is not registered in this ledger")
    }
    let chain = try await store.read { try $0.chain(of: id) } ?? AuthorChain()
    return .with {
      $0.nextSequence = chain.nextSequence
      $0.lastHeaderDigest = chain.lastDigest.map { Data($0.bytes) } ?? Data()
      $0.memberID = key.memberID.description
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.roles = view.directory.effectiveRoles(of: key, at: nextLedgerTime(in: view)).wire
      $0.notBeforeMicroseconds = key.notBefore.microseconds
      $0.notAfterMicroseconds = key.notAfter.latest?.microseconds ?? 0
      $0.revoked = key.revocation != nil
    }
  }

  /// The receipt of a batch. What is wrong with its records is told in full to its author, and to who may read whatever
  /// the author's member records.
  package func getReceipt(
    _ request: Cairn_V1_GetReceiptRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_GetReceiptResponse {
    let view = views.current
    guard let batch = try await batch(request.batch, in: view) else {
      throw Failure(.notFound, "UNKNOWN_BATCH", "no such batch is in the log of \(view.logSize) entries")
    }
    var receipt = try await store.read { try $0.receipt(of: batch, in: view, replayed: false) }
    let author = batch.header.authorKeyID
    let member = view.directory.keys[author]?.memberID
    if !caller.holds(author), !scope(of: caller, in: view).reader.mayRead(.authorOnly, of: member) {
      receipt.recordErrors = receipt.recordErrors.map { error in
        .with {
          $0.recordIndex = error.recordIndex
          $0.reason = error.reason
        }
      }
    }
    return .with { $0.receipt = receipt }
  }

  private func batch(
    _ name: Cairn_V1_GetReceiptRequest.OneOf_Batch?, in view: LedgerView
  ) async throws(Failure) -> RecordedBatch? {
    switch name {
    case .position(let position):
      guard position < view.logSize else { return nil }
      return try await store.read { try $0.batch(at: position) }
    case .authorSequence(let name):
      let author = try Self.keyID(name.keyID, "author_sequence.key_id")
      return try await store.batch(name.sequence, of: author, in: view, index: index)
    case .headerDigest(let bytes):
      let digest = try Self.digest(bytes, "header_digest")
      return try await store.batch(.header(digest), in: view, index: index) { $0.header.digest == digest }
    case nil:
      throw .malformed(
        "MISSING_BATCH", field: "batch", "one of author_sequence, position, header_digest must be present")
    }
  }

  /// The current view, if its log has at least `size` entries.
  func view(atLeast size: UInt64) throws(Failure) -> LedgerView {
    let view = views.current
    guard size <= view.logSize else {
      throw Failure(
        .preconditionFailed, "LOG_TOO_SMALL", "minimum_log_size: \(size); this node's log has \(view.logSize) entries",
        metadata: ["log_size": String(view.logSize)], retryAfterMilliseconds: 200)
    }
    return view
  }

  static func keyID(_ bytes: Data, _ field: String) throws(Failure) -> KeyID { KeyID(try digest(bytes, field)) }

  static func digest(_ bytes: Data, _ field: String) throws(Failure) -> Digest {
    guard let digest = Digest(bytes) else {
      throw .malformed("MALFORMED_DIGEST", field: field, "\(bytes.count) bytes; 32 expected")
    }
    return digest
  }

  static func pageSize(_ requested: UInt32) throws(Failure) -> Int {
    guard requested <= 1_000 else {
      throw .malformed("PAGE_SIZE", field: "page_size", "\(requested); at most 1,000, or 0 for 100")
    }
    return requested == 0 ? 100 : Int(requested)
  }
}

extension Caller {
  /// Whether the caller is the holder of that key.
  fileprivate func holds(_ id: KeyID) -> Bool { if case .key(let key) = self { key.id == id } else { false } }
}
