import Checkpoints
package import Primitives
package import Signing

/// Signs the node's checkpoints with its log key.
package struct CheckpointSigner: Sendable {
  /// The log key's name, which is every checkpoint's first line.
  package let origin: String
  /// The log key as a C2SP verifier key.
  package let verifierKey: String
  private let signer: NoteSigner

  /// Signs under `origin`, the log key's name.
  package init(origin: String, logKey: PrivateKey) throws(Failure) {
    self.origin = origin
    signer = try NoteSigner(name: origin, key: logKey)
    verifierKey = signer.verifierKey.description
  }

  /// A C2SP tlog-policy that accepts this log's checkpoints: alone, a node is its own quorum.
  package var policy: String { "log \(verifierKey)\nquorum none\n" }

  /// The checkpoint over a log of that size and root. The same log always gives the same note.
  package func sign(size: UInt64, root: Digest) throws(Failure) -> SignedCheckpoint {
    let note = try signer.sign(Checkpoint(origin: origin, size: size, root: root))
    return SignedCheckpoint(size: size, root: root, note: note)
  }
}

/// A checkpoint that this node signed.
package struct SignedCheckpoint: Hashable, Sendable {
  package let size: UInt64
  package let root: Digest
  /// The signed note, verbatim.
  package let note: String

  /// A checkpoint and its note.
  package init(size: UInt64, root: Digest, note: String) {
    self.size = size
    self.root = root
    self.note = note
  }
}
