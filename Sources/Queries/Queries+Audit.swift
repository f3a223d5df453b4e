import Consortium
import Foundation
package import Ledger
import Merkle
package import Primitives
import Signing
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// A signed checkpoint: the latest that the policy takes, or this node's latest where there is none; or the one of a given
  /// size. The text of a size never changes; members and witnesses add lines below it.
  package func getCheckpoint(
    _ request: Cairn_V1_GetCheckpointRequest
  ) async throws(Failure) -> Cairn_V1_GetCheckpointResponse {
    let view = views.current
    let checkpoint =
      request.size == 0 ? latestCheckpoint(in: view) : try await checkpoint(size: request.size, in: view)
    return .with {
      $0.checkpoint = checkpoint.note
      $0.size = checkpoint.size
      $0.root = Data(checkpoint.root.bytes)
    }
  }

  /// Entries that are final.
  package var certifiedSize: UInt64 { views.current.certifiedSize }

  /// Proof that an entry is in the log of a given size.
  package func getInclusionProof(
    _ request: Cairn_V1_GetInclusionProofRequest
  ) async throws(Failure) -> Cairn_V1_GetInclusionProofResponse {
    let view = views.current
    let position = try await position(of: request.entry, in: view)
    let size =
      request.treeSize == 0
      ? view.checkpoint(over: position).size : try Self.treeSize(request.treeSize, field: "tree_size", in: view)
    guard position < size else {
      throw Failure(
        .outOfRange, "POSITION_OUT_OF_RANGE", "position: \(position); a tree of \(size) entries ends before it")
    }
    return try await store.read { reader in
      guard let entry = try reader.entry(at: position) else { throw LedgerReader.corrupt("log entry \(position)") }
      let nodes = LogNodes(edge: view.edge, reader: reader)
      let path = try Proof.inclusionPath(index: position, size: size, node: nodes.hash)
      return .with {
        $0.position = position
        $0.treeSize = size
        $0.path = path.map { Data($0.bytes) }
        $0.entry = entry.bytes
      }
    }
  }

  /// Proof that the log of one size begins with the log of a smaller one.
  package func getConsistencyProof(
    _ request: Cairn_V1_GetConsistencyProofRequest
  ) async throws(Failure) -> Cairn_V1_GetConsistencyProofResponse {
    let view = views.current
    let first = request.firstSize
    let second =
      request.secondSize == 0 && first > 0
      ? view.checkpoint(over: first - 1).size : try Self.treeSize(request.secondSize, field: "second_size", in: view)
    guard (1...second).contains(first) else {
      throw Failure(.outOfRange, "TREE_SIZE_OUT_OF_RANGE", "first_size: \(first); 1 to second_size \(second) expected")
    }
    let path = try await consistencyPath(from: first, to: second, in: view)
    return .with {
      $0.firstSize = first
      $0.secondSize = second
      $0.path = path.map { Data($0.bytes) }
    }
  }

  /// The proof that the log of `second` entries begins with that of `first`; outOfRange where this log has fewer.
  package func consistencyPath(from first: UInt64, to second: UInt64) async throws(Failure) -> [Digest] {
    let view = views.current
    return try await consistencyPath(
      from: first, to: try Self.treeSize(second, field: "second_size", in: view), in: view)
  }

  /// This node's checkpoint over its first `size` entries; 0 means all of them.
  package func checkpoint(size: UInt64) async throws(Failure) -> SignedCheckpoint {
    try await checkpoint(size: size, in: views.current)
  }

  private func consistencyPath(
    from first: UInt64, to second: UInt64, in view: LedgerView
  ) async throws(Failure) -> [Digest] {
    try await store.read { reader in
      try Proof.consistencyPath(first: first, second: second, node: LogNodes(edge: view.edge, reader: reader).hash)
    }
  }

  /// Pairs of headers that one key signed for one sequence number.
  package func listEquivocations(
    _ request: Cairn_V1_ListEquivocationsRequest
  ) async throws(Failure) -> Cairn_V1_ListEquivocationsResponse {
    let view = views.current
    let key = request.keyID.isEmpty ? nil : try Self.keyID(request.keyID, "key_id")
    let pageSize = try Self.pageSize(request.pageSize)
    let question = Question("ListEquivocations", request.keyID, by: .anyone)
    let after = try PageToken(request.pageToken, for: question, sealedBy: seal)?.next ?? 0
    let seal = seal
    return try await store.read { reader in
      let found = try reader.equivocations(after: Int64(clamping: after), of: key, limit: pageSize)
      return try .with { response in
        response.equivocations = try found.map { try Self.equivocation($0, reader, view) }
        if found.count == pageSize, let last = found.last {
          response.nextPageToken = try PageToken(logSize: 0, next: UInt64(last.id)).text(for: question, sealedBy: seal)
        }
      }
    }
  }

  private static func equivocation(
    _ stored: StoredEquivocation, _ reader: LedgerReader, _ view: LedgerView
  ) throws -> Cairn_V1_Equivocation {
    guard let recorded = try reader.batch(at: stored.position), let suite = Suite(rawValue: stored.suite) else {
      throw LedgerReader.corrupt("equivocation \(stored.id)")
    }
    let key = try view.directory.key(stored.author)
    return .with {
      $0.authorKeyID = Data(stored.author.digest.bytes)
      $0.sequence = stored.sequence
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.recorded = signedHeader(recorded.entry.header, recorded.entry.suite, recorded.entry.signature)
      $0.refused = signedHeader(stored.header, suite, stored.signature)
    }
  }

  private static func signedHeader(_ header: Data, _ suite: Suite, _ signature: Data) -> Cairn_V1_SignedHeader {
    .with {
      $0.header = header
      $0.signature = .with {
        $0.suite = suite.wire
        $0.value = signature
      }
    }
  }

  private func position(
    of entry: Cairn_V1_GetInclusionProofRequest.OneOf_Entry?, in view: LedgerView
  ) async throws(Failure) -> UInt64 {
    switch entry {
    case .position(let position): return position
    case .leafHash(let bytes):
      let hash = try Self.digest(bytes, "leaf_hash")
      let found = try await store.batch(.entry(hash), in: view, index: index) { MerkleTree.leafHash($0.bytes) == hash }
      guard let found else { throw Failure(.notFound, "UNKNOWN_ENTRY", "leaf_hash: no entry of the log has it") }
      return found.position
    case nil: throw .malformed("MISSING_ENTRY", field: "entry", "one of position, leaf_hash must be present")
    }
  }

  /// The checkpoint of `size` entries, 0 meaning this node's latest: certified where the certificate is kept.
  func checkpoint(size: UInt64, in view: LedgerView) async throws(Failure) -> SignedCheckpoint {
    let size = try Self.treeSize(size, field: "size", in: view)
    if let certificate = view.certificate {
      if size == certificate.size { return cosignatures.added(to: certificate) }
      if size < certificate.size, let kept = try await store.read({ try $0.certificate(size: size) }) {
        return cosignatures.added(to: kept)
      }
    }
    if size == view.checkpoint.size { return cosignatures.added(to: view.checkpoint) }
    if let cosigned = cosignatures.checkpoint(size: size) { return cosigned }
    let root = try await store.read { try $0.root(size: size, in: view) }
    return try signer.sign(size: size, root: root)
  }

  static func treeSize(_ size: UInt64, field: String, in view: LedgerView) throws(Failure) -> UInt64 {
    guard size <= view.logSize else {
      throw Failure(
        .outOfRange, "TREE_SIZE_OUT_OF_RANGE", "\(field): \(size); this node's log has \(view.logSize) entries")
    }
    return size == 0 ? view.logSize : size
  }
}
