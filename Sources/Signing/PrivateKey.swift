import COpenSSL
package import FoundationEssentials
package import Primitives

/// A key that can sign, used from any number of threads. Nothing it prints contains the secret.
package final class PrivateKey: Sendable {
  /// The half that verifies.
  package let publicKey: PublicKey
  let handle: KeyHandle

  /// Takes the key in, and proves that both halves belong together.
  init(_ handle: KeyHandle) throws(Failure) {
    self.handle = handle
    publicKey = try PublicKey(subjectPublicKeyInfo: handle.subjectPublicKeyInfo)
    let probe = Array("cairn".utf8)
    guard publicKey.verifies(signature: try sign(probe), over: probe) else {
      throw .malformed("MALFORMED_KEY", field: "private_key", "its public half does not belong to it")
    }
  }

  /// A fresh key from the system's randomness.
  package static func generate(_ suite: Suite) throws(Failure) -> PrivateKey {
    defer { ERR_clear_error() }
    guard let key = cairn_generate_key(suite.keyType, "P-256") else {
      throw Failure(.bug, "KEY_GENERATION_FAILED", "OpenSSL could not generate an \(suite) key")
    }
    return try PrivateKey(KeyHandle(owning: key))
  }

  /// The 64-byte signature over `message`: raw Ed25519, or `r ‖ s`.
  package func sign(_ message: some ContiguousBytes) throws(Failure) -> [UInt8] {
    let suite = publicKey.suite
    let encoded = message.withUnsafeBytes { handle.sign($0, suite: suite) }
    let signature = suite == .ed25519 ? encoded : encoded.flatMap(ECDSASignature.raw)
    guard let signature, signature.count == Suite.signatureByteCount else {
      throw Failure(.bug, "SIGNING_FAILED", "OpenSSL could not sign with the \(suite) key \(publicKey.id)")
    }
    return signature
  }
}

extension PrivateKey: CustomStringConvertible {
  /// The suite and the key id of the public half.
  package var description: String { "private half of \(publicKey)" }
}
