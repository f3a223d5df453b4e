import Certificates
import FoundationEssentials
import Primitives
import SwiftASN1
import Testing
import X509

@Suite struct SelfSignedCertificateTests {
  private static let now = Instant(microseconds: 1_750_000_000_000_000)

  private func make(_ hostnames: [String] = ["localhost"]) throws -> (Certificate, Certificate.PrivateKey) {
    let made = try SelfSignedCertificate.make(hostnames: hostnames, now: Self.now, validDays: 365)
    return (
      try Certificate(pemEncoded: made.certificatePEM), try Certificate.PrivateKey(pemEncoded: made.privateKeyPEM)
    )
  }

  @Test func namesAndAddressesAreInIt() throws {
    let (certificate, _) = try make(["localhost", "127.0.0.1", "::1", "*.node.example"])
    let names = try #require(try certificate.extensions.subjectAlternativeNames)
    #expect(
      Array(names) == [
        .dnsName("localhost"),
        .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
        .ipAddress(ASN1OctetString(contentBytes: Array(repeating: 0, count: 15) + [1])),
        .dnsName("*.node.example"),
      ])
  }

  @Test func itIsAServerAndNoAuthority() throws {
    let (certificate, _) = try make()
    #expect(try certificate.extensions.basicConstraints == .notCertificateAuthority)
    #expect(try certificate.extensions.extendedKeyUsage.map(Array.init) == [.serverAuth])
  }

  @Test func itVouchesForItsOwnKey() throws {
    let (certificate, key) = try make()
    #expect(certificate.publicKey == key.publicKey)
    #expect(certificate.issuer == certificate.subject)
    #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
  }

  @Test func itIsValidFromAnHourBeforeForTheDaysAsked() throws {
    let (certificate, _) = try make()
    #expect(certificate.notValidBefore == Date(timeIntervalSince1970: 1_750_000_000 - 3_600))
    #expect(certificate.notValidAfter == Date(timeIntervalSince1970: 1_750_000_000 + 365 * 86_400))
  }

  @Test func itsSerialNumberIsPositiveAndShort() throws {
    let bytes = try make().0.serialNumber.bytes
    #expect(bytes.count == 16)
    #expect((0x40...0x7f).contains(try #require(bytes.first)))
  }

  @Test func noTwoShareAKeyOrASerialNumber() throws {
    let (first, firstKey) = try make()
    let (second, secondKey) = try make()
    #expect(first.serialNumber != second.serialNumber)
    #expect(firstKey.publicKey != secondKey.publicKey)
  }

  @Test(arguments: [
    "", "a b", "-a.example", "a-.example", "a..example", ".", "*", "a.*", "caf\u{e9}.example", "a_b",
    String(repeating: "a", count: 64), String(repeating: "abcdefg.", count: 32) + "example",
  ])
  func whatIsNoNameIsRefusedWithItsIndex(hostname: String) throws {
    let failure = #expect(throws: Failure.self) { try make(["localhost", hostname]) }
    #expect(failure?.reason == "INVALID_HOSTNAME")
    #expect(failure?.violations.map(\.field) == ["hostnames[1]"])
  }

  @Test(arguments: [(0, 1), (101, 1), (1, 0), (1, 3_651), (1, -1)])
  func countsAndDaysHaveBounds(names: Int, days: Int) {
    #expect(throws: Failure.self) {
      try SelfSignedCertificate.make(
        hostnames: Array(repeating: "localhost", count: names), now: Self.now, validDays: days)
    }
  }
}
