package import Client
package import Primitives
package import Signing
package import Wire

/// Another member's node. Nothing that it says is believed.
package protocol Peer: Sendable {
  /// What people call it.
  var name: String { get }

  /// How it is, as it says.
  func status() async throws(Failure) -> Cairn_V1_GetNodeStatusResponse

  /// The batches at these positions, message by message; more is read when `take` has returned.
  func batches(
    _ positions: Range<UInt64>, _ take: @escaping @Sendable (Cairn_V1_ListBatchesResponse) async throws -> Void
  ) async throws(Failure)

  /// The consensus state at a checkpoint, as it says.
  func consensusState(size: UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse

  /// The checkpoint of that size, as it signs it.
  func checkpointNote(size: UInt64) async throws(Failure) -> String

  /// The path from its log of `first` entries to that of `second`, as it says; fails where it has fewer.
  func consistencyPath(from first: UInt64, to second: UInt64) async throws(Failure) -> [Digest]
}

/// Another member's node over gRPC, asked in the name of this node's key: by a client certificate, or without TLS by bearer
/// tokens. Each question has a connection of its own.
package struct PeerClient: Peer {
  /// Where it is.
  package let address: ServerAddress
  private let trust: ServerTrust
  private let key: PrivateKey

  /// The node at `address`, which shows a certificate that `trust` leads to; `key` is this node's own.
  package init(_ address: ServerAddress, trust: ServerTrust, key: PrivateKey) {
    self.address = address
    self.trust = trust
    self.key = key
  }

  package var name: String { address.description }

  /// What the node says of itself.
  package func status() async throws(Failure) -> Cairn_V1_GetNodeStatusResponse {
    try await LedgerConnection.withConnection(to: address, trust: trust) { try await $0.nodeStatus() }
  }

  /// The batches from a position on, as the peer has them; nothing of them is believed.
  package func batches(
    _ positions: Range<UInt64>, _ take: @escaping @Sendable (Cairn_V1_ListBatchesResponse) async throws -> Void
  ) async throws(Failure) {
    try await LedgerConnection.withConnection(to: address, trust: trust, as: .key(key)) {
      try await $0.batches(positions, take)
    }
  }

  /// The consensus state at a certified size.
  package func consensusState(size: UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse {
    try await LedgerConnection.withConnection(to: address, trust: trust, as: .key(key)) {
      try await $0.consensusState(size: size)
    }
  }

  /// The note of the checkpoint of a size; 0 is the latest.
  package func checkpointNote(size: UInt64) async throws(Failure) -> String {
    try await LedgerConnection.withConnection(to: address, trust: trust) { try await $0.checkpoint(size: size) }
      .checkpoint
  }

  /// The path that is to show that the log of `second` entries continues that of `first`.
  package func consistencyPath(from first: UInt64, to second: UInt64) async throws(Failure) -> [Digest] {
    try await LedgerConnection.withConnection(to: address, trust: trust) {
      try await $0.consistencyPath(from: first, to: second)
    }
  }
}
