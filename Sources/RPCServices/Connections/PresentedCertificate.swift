import NIOSSL
package import Primitives
import Signing

/// What a client certificate says about its holder: which key it has. TLS proved that the client holds the private half;
/// the names, the issuer and the extensions of a certificate decide nothing.
package struct PresentedCertificate: Hashable, Sendable {
  /// SHA-256 of its SubjectPublicKeyInfo.
  package let keyID: KeyID
  /// Good from this time on.
  package let notBefore: Instant
  /// Good until this time, inclusive (RFC 5280, section 4.1.2.5).
  package let notAfter: Instant

  /// The certificate of that key for those dates.
  package init(keyID: KeyID, notBefore: Instant, notAfter: Instant) {
    self.keyID = keyID
    self.notBefore = notBefore
    self.notAfter = notAfter
  }

  init(_ certificate: NIOSSLCertificate) throws {
    keyID = KeyID(SHA256.hash(try certificate.extractPublicKey().toSPKIBytes()))
    notBefore = Instant(secondsSinceEpoch: certificate.notValidBefore)
    notAfter = Instant(secondsSinceEpoch: certificate.notValidAfter)
  }

  /// Refuses a certificate outside its own dates.
  package func requireValid(at now: Instant) throws(Failure) {
    guard notBefore <= now else {
      throw Failure(
        .unauthenticated, "CERTIFICATE_NOT_YET_VALID",
        "the client certificate of key \(keyID) is valid from \(notBefore) on; the node's time is \(now)")
    }
    guard now <= notAfter else {
      throw Failure(
        .unauthenticated, "CERTIFICATE_EXPIRED",
        "the client certificate of key \(keyID) was valid until \(notAfter); the node's time is \(now); make a new one "
          + "for the same key (cairn certificate)")
    }
  }
}

extension Instant {
  /// A certificate's time, kept within the calendar.
  fileprivate init(secondsSinceEpoch seconds: Int) {
    let bounds = (Instant.earliest.microseconds / 1_000_000)...(Instant.latest.microseconds / 1_000_000)
    self.init(microseconds: min(max(Int64(seconds), bounds.lowerBound), bounds.upperBound) * 1_000_000)
  }
}
