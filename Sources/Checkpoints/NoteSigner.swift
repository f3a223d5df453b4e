package import Primitives
package import Signing

/// Signs a log's checkpoints with its Ed25519 key.
package struct NoteSigner: Sendable {
  /// What others verify with.
  package let verifierKey: VerifierKey
  private let key: PrivateKey

  /// Signs as `name`, the log's origin; fails with MALFORMED_KEY_NAME or UNSUPPORTED_KEY.
  package init(name: String, key: PrivateKey) throws(Failure) {
    verifierKey = try VerifierKey(name: name, kind: .note, publicKey: key.publicKey)
    self.key = key
  }

  /// The name of the key and the origin of its checkpoints.
  package var name: String { verifierKey.name }

  /// The signed note over `checkpoint`, always the same for the same checkpoint; fails with ORIGIN_MISMATCH for another
  /// log's.
  package func sign(_ checkpoint: Checkpoint) throws(Failure) -> String {
    guard checkpoint.origin.utf8.elementsEqual(name.utf8) else {
      throw .malformed(
        "ORIGIN_MISMATCH", field: "checkpoint", "its log is \(checkpoint.origin); this key signs for \(name)")
    }
    let text = checkpoint.description
    let signature = SignedNote.Signature(by: verifierKey, bytes: try key.sign(Array(text.utf8)))
    return SignedNote(text: text, signatures: [signature]).description
  }
}
