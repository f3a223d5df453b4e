package import Primitives
package import Signing
import SwiftASN1
import X509

/// A TLS client certificate that a key signs for itself. A ledger's node looks at nothing but the key.
package enum ClientCertificate {
  /// What `cairn keygen` gives a certificate, in days.
  package static let defaultDays = 825

  /// Whether there is one for keys of this suite: TLS here has no SM2.
  package static func isPossible(for suite: Suite) -> Bool { suite != .sm2 }

  /// The certificate (RFC 5280) in PEM, good for 1 to 3,650 days from `now`; fails with UNSUPPORTED_KEY or
  /// INVALID_VALIDITY.
  package static func pem(for key: PrivateKey, now: Instant, validDays: Int) throws(Failure) -> String {
    guard isPossible(for: key.publicKey.suite) else {
      throw Failure(
        .preconditionFailed, "UNSUPPORTED_KEY",
        "key \(key.publicKey.id) is an SM2 key, which cannot identify a connection here; use an Ed25519 or P-256 key")
    }
    let validity = try Certificate.Validity(days: validDays, from: now)
    let secret = try key.pem(passphrase: nil)
    do {
      let certificate = try Certificate(
        selfSignedBy: Certificate.PrivateKey(pemEncoded: secret), name: "\(key.publicKey.id)", usage: .clientAuth,
        validity: validity)
      return try certificate.serializeAsPEM().pemString + "\n"
    } catch {
      throw Failure(.bug, "CERTIFICATE_NOT_MADE", "no certificate could be made for key \(key.publicKey.id)")
    }
  }
}
