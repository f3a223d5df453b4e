import Crypto
import FoundationEssentials
package import Primitives
import SwiftASN1
import X509

/// A TLS server certificate that vouches for itself: clients are given it as their only trust root.
package struct SelfSignedCertificate: Hashable, Sendable {
  /// Most names in one certificate.
  package static let maximumNames = 100
  /// Longest validity in days.
  package static let maximumValidDays = 3_650
  /// The certificate is valid from this long before it was made, for clients whose clocks are behind.
  private static let clockToleranceSeconds = 3_600.0

  /// The certificate (RFC 5280), PEM.
  package let certificatePEM: String
  /// Its P-256 private key (PKCS #8), PEM, unencrypted.
  package let privateKeyPEM: String

  /// Makes a new key and a certificate for these names: 1 to 100 DNS names and IP addresses, for 1 to 3,650 days from
  /// `now`. Throws `Failure` when an argument is out of these bounds.
  package static func make(hostnames: [String], now: Instant, validDays: Int) throws -> SelfSignedCertificate {
    guard (1...maximumNames).contains(hostnames.count) else {
      throw Failure.malformed(
        "INVALID_HOSTNAMES", field: "hostnames", "\(hostnames.count) names; give 1 to \(maximumNames)")
    }
    guard (1...maximumValidDays).contains(validDays) else {
      throw Failure.malformed(
        "INVALID_VALIDITY", field: "valid_days", "\(validDays) days; give 1 to \(maximumValidDays)")
    }
    var names: [GeneralName] = []
    for (index, hostname) in hostnames.enumerated() {
      do throws(Failure) {
        names.append(try GeneralName(hostname: hostname))
      } catch {
        throw error.under("hostnames[\(index)]")
      }
    }
    let key = P256.Signing.PrivateKey()
    let made = Date(timeIntervalSince1970: Double(now.microseconds) / 1_000_000)
    let certificate = try certificate(
      names: names, key: Certificate.PrivateKey(key), from: made.addingTimeInterval(-clockToleranceSeconds),
      until: made.addingTimeInterval(Double(validDays) * 86_400))
    return SelfSignedCertificate(
      certificatePEM: try certificate.serializeAsPEM().pemString + "\n",
      privateKeyPEM: key.pemRepresentation + "\n")
  }

  private static func certificate(
    names: [GeneralName], key: Certificate.PrivateKey, from: Date, until: Date
  ) throws -> Certificate {
    let name = try DistinguishedName { CommonName("Cairn node") }
    let keyID = ArraySlice(Insecure.SHA1.hash(data: key.publicKey.subjectPublicKeyInfoBytes))
    return try Certificate(
      version: .v3, serialNumber: serialNumber(), publicKey: key.publicKey, notValidBefore: from, notValidAfter: until,
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        // No KeyUsage: BoringSSL takes a self-signed leaf for its own root only where nothing forbids keyCertSign.
        Critical(BasicConstraints.notCertificateAuthority)
        try ExtendedKeyUsage([.serverAuth])
        SubjectAlternativeNames(names)
        SubjectKeyIdentifier(keyIdentifier: keyID)
        AuthorityKeyIdentifier(keyIdentifier: keyID)
      },
      issuerPrivateKey: key)
  }

  /// 16 random bytes, positive and never zero, well under the 20 bytes of RFC 5280, section 4.1.2.2.
  private static func serialNumber() -> Certificate.SerialNumber {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[0] = bytes[0] & 0x3f | 0x40
    return Certificate.SerialNumber(bytes: bytes)
  }
}
