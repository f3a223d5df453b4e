import Crypto
package import Primitives
import SwiftASN1
import X509

/// A TLS server certificate that vouches for itself: clients are given it as their only trust root.
package struct SelfSignedCertificate: Hashable, Sendable {
  /// Most names in one certificate.
  package static let maximumNames = 100

  /// The certificate (RFC 5280), PEM.
  package let certificatePEM: String
  /// Its P-256 private key (PKCS #8), PEM, unencrypted.
  package let privateKeyPEM: String

  /// Makes a certificate for these names: 1 to 100 DNS names and IP addresses, for 1 to 3,650 days from `now`; with a new
  /// key, or with the P-256 key given as PEM. Throws `Failure` when an argument is out of these bounds.
  package static func make(
    hostnames: [String], now: Instant, validDays: Int, privateKeyPEM: String? = nil
  ) throws -> SelfSignedCertificate {
    guard (1...maximumNames).contains(hostnames.count) else {
      throw Failure.malformed(
        "INVALID_HOSTNAMES", field: "hostnames", "\(hostnames.count) names; give 1 to \(maximumNames)")
    }
    let validity = try Certificate.Validity(days: validDays, from: now)
    var names: [GeneralName] = []
    for (index, hostname) in hostnames.enumerated() {
      do throws(Failure) {
        names.append(try GeneralName(hostname: hostname))
      } catch {
        throw error.under("hostnames[\(index)]")
      }
    }
    let key = try privateKeyPEM.map { try Self.key(pem: $0) } ?? P256.Signing.PrivateKey()
    let certificate = try Certificate(
      selfSignedBy: Certificate.PrivateKey(key), name: "Cairn node", usage: .serverAuth, hostnames: names,
      validity: validity)
    return SelfSignedCertificate(
      certificatePEM: try certificate.serializeAsPEM().pemString + "\n",
      privateKeyPEM: key.pemRepresentation + "\n")
  }

  private static func key(pem: String) throws(Failure) -> P256.Signing.PrivateKey {
    do { return try P256.Signing.PrivateKey(pemRepresentation: pem) } catch {
      throw Failure(.preconditionFailed, "UNSUPPORTED_KEY", "the server's private key is not an unencrypted P-256 key")
    }
  }
}
