import Crypto
import FoundationEssentials
import Primitives
import SwiftASN1
import X509

extension Certificate {
  /// How long a certificate is good.
  struct Validity {
    /// Longest validity in days.
    static let maximumDays = 3_650
    /// A certificate is valid from this long before it was made, for machines whose clocks are behind.
    private static let clockToleranceSeconds = 3_600.0

    let from: Date
    let until: Date

    /// For 1 to 3,650 days from `now`.
    init(days: Int, from now: Instant) throws(Failure) {
      guard (1...Self.maximumDays).contains(days) else {
        throw .malformed("INVALID_VALIDITY", field: "valid_days", "\(days) days; give 1 to \(Self.maximumDays)")
      }
      let made = Date(timeIntervalSince1970: Double(now.microseconds) / 1_000_000)
      from = made.addingTimeInterval(-Self.clockToleranceSeconds)
      until = made.addingTimeInterval(Double(days) * 86_400)
    }
  }

  /// A leaf that is signed by its own key.
  init(
    selfSignedBy key: PrivateKey, name: String, usage: ExtendedKeyUsage.Usage, hostnames: [GeneralName] = [],
    validity: Validity
  ) throws {
    let name = try DistinguishedName { CommonName(name) }
    let keyID = ArraySlice(Insecure.SHA1.hash(data: key.publicKey.subjectPublicKeyInfoBytes))
    try self.init(
      version: .v3, serialNumber: Self.serialNumber(), publicKey: key.publicKey, notValidBefore: validity.from,
      notValidAfter: validity.until, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        // No KeyUsage: BoringSSL takes a self-signed leaf for its own root only where nothing forbids keyCertSign.
        Critical(BasicConstraints.notCertificateAuthority)
        try ExtendedKeyUsage([usage])
        if !hostnames.isEmpty { SubjectAlternativeNames(hostnames) }
        SubjectKeyIdentifier(keyIdentifier: keyID)
        AuthorityKeyIdentifier(keyIdentifier: keyID)
      },
      issuerPrivateKey: key)
  }

  /// 16 random bytes, positive and never zero, well under the 20 bytes of RFC 5280, section 4.1.2.2.
  private static func serialNumber() -> SerialNumber {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[0] = bytes[0] & 0x3f | 0x40
    return SerialNumber(bytes: bytes)
  }
}
