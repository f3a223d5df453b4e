import FoundationEssentials
import JWTKit
import Primitives
import Signing

extension Suite {
  /// The JWS algorithm (RFC 7518, RFC 8037) of this suite's key `id`; fails with UNSUPPORTED_KEY for SM2, which has none.
  func algorithm(_ id: KeyID) throws(Failure) -> String {
    switch self {
    case .ed25519: return "EdDSA"
    case .ecdsaP256: return "ES256"
    case .sm2:
      throw Failure(
        .unauthenticated, "UNSUPPORTED_KEY",
        "key \(id) is an SM2 key, for which there are no tokens; use an Ed25519 or P-256 key")
    }
  }
}

extension JWTKeyCollection {
  /// Signs with one key.
  init(signing key: PrivateKey) async throws(Failure) {
    self.init()
    let id = key.publicKey.id
    _ = try key.publicKey.suite.algorithm(id)
    let pem = try key.pem(passphrase: nil)
    do {
      if key.publicKey.suite == .ed25519 {
        add(eddsa: try EdDSA.PrivateKey(pem: pem), kid: .init(string: "\(id)"))
      } else {
        add(ecdsa: try ES256PrivateKey(pem: pem), kid: .init(string: "\(id)"))
      }
    } catch {
      throw Failure(.bug, "KEY_NOT_UNDERSTOOD", "JWTKit does not read the \(key.publicKey.suite) key \(id)")
    }
  }

  /// Verifies with one key.
  init(verifying key: PublicKey) async throws(Failure) {
    self.init()
    do {
      if key.suite == .ed25519 {
        add(eddsa: try EdDSA.PublicKey(pem: key.pem))
      } else {
        add(ecdsa: try ES256PublicKey(pem: key.pem))
      }
    } catch {
      throw Failure(.bug, "KEY_NOT_UNDERSTOOD", "JWTKit does not read the \(key.suite) key \(key.id)")
    }
  }
}
