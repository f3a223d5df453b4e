import Crypto
import Foundation
package import Primitives
package import Signing

/// Makes page tokens opaque: what is in one, clients can neither read nor make up, nor use for another question or caller.
package struct PageSeal: Sendable {
  private static let purpose = "cairn/page-tokens/v1"
  private static let nonceBytes = 12

  private let encryption: SymmetricKey
  private let nonces: SymmetricKey

  /// The seal of the node that holds `key`: with an Ed25519 key, whose signatures are always the same, the same after a
  /// restart. The signature that the secret comes from is of no message that the node ever signs for others.
  package init(_ key: PrivateKey) throws(Failure) {
    let secret = SymmetricKey(data: try key.sign(Array(Self.purpose.utf8)))
    func derive(_ use: String) -> SymmetricKey {
      HKDF<Crypto.SHA256>.deriveKey(inputKeyMaterial: secret, info: Data(use.utf8), outputByteCount: 32)
    }
    encryption = derive("encryption")
    nonces = derive("nonces")
  }

  /// The sealed text, base64url: `nonce ‖ ChaCha20-Poly1305 (RFC 8439)`. The nonce is a MAC of what is sealed, so no two
  /// contents share one.
  func seal(_ content: Data, for question: Question) throws(Failure) -> String {
    do {
      var mac = HMAC<Crypto.SHA256>(key: nonces)
      mac.update(data: question.bytes)
      mac.update(data: content)
      let nonce = try ChaChaPoly.Nonce(data: Data(mac.finalize()).prefix(Self.nonceBytes))
      let box = try ChaChaPoly.seal(content, using: encryption, nonce: nonce, authenticating: question.bytes)
      return box.combined.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    } catch {
      throw Failure(.bug, "SEALING_FAILED", "a page token could not be sealed: \(error)")
    }
  }

  /// What was sealed for that question; nil for anything else.
  func open(_ text: String, for question: Question) -> Data? {
    let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    guard text.utf8.count <= 128, let bytes = Data(base64Encoded: base64),
      let box = try? ChaChaPoly.SealedBox(combined: bytes)
    else { return nil }
    return try? ChaChaPoly.open(box, using: encryption, authenticating: question.bytes)
  }
}
