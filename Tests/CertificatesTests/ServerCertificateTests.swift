import Certificates
import Primitives
import Testing

@Suite struct ServerCertificateTests {
  private static let now = Instant(microseconds: 1_750_000_000_000_000)

  @Test func itsEndAndNamesAreRead() throws {
    let names = ["localhost", "127.0.0.1", "::1", "*.node.example"]
    let made = try SelfSignedCertificate.make(hostnames: names, now: Self.now, validDays: 10)
    let read = try ServerCertificate(pem: made.certificatePEM)
    #expect(read.end == Instant(microseconds: Self.now.microseconds + 10 * 86_400_000_000))
    #expect(read.hostnames == names && read.isSelfSigned)
  }

  @Test func aNewOneMayHaveTheSameKey() throws {
    let first = try SelfSignedCertificate.make(hostnames: ["localhost"], now: Self.now, validDays: 1)
    let next = try SelfSignedCertificate.make(
      hostnames: ["localhost"], now: Self.now, validDays: 2, privateKeyPEM: first.privateKeyPEM)
    #expect(next.privateKeyPEM == first.privateKeyPEM && next.certificatePEM != first.certificatePEM)
  }

  @Test(arguments: ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
  func whatIsNoneIsRefused(pem: String) {
    #expect(throws: Failure.self) { try ServerCertificate(pem: pem) }
    #expect(throws: Failure.self) {
      try SelfSignedCertificate.make(hostnames: ["localhost"], now: Self.now, validDays: 1, privateKeyPEM: pem)
    }
  }
}
