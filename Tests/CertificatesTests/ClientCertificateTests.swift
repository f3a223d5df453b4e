import Certificates
import FoundationEssentials
import Primitives
import Signing
import SwiftASN1
import Testing
import X509

@Suite struct ClientCertificateTests {
  private static let now = Instant(microseconds: 1_750_000_000_000_000)

  @Test(arguments: [Suite.ed25519, .ecdsaP256])
  func itCarriesTheKeyAndIsSignedByIt(suite: Suite) throws {
    let key = try PrivateKey.generate(suite)
    let certificate = try Certificate(pemEncoded: ClientCertificate.pem(for: key, now: Self.now, validDays: 2))
    #expect(try PublicKey(pem: certificate.publicKey.serializeAsPEM().pemString) == key.publicKey)
    #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
    #expect(try certificate.extensions.extendedKeyUsage.map(Array.init) == [.clientAuth])
    #expect(try certificate.extensions.basicConstraints == .notCertificateAuthority)
    #expect(certificate.notValidBefore == Date(timeIntervalSince1970: 1_750_000_000 - 3_600))
    #expect(certificate.notValidAfter == Date(timeIntervalSince1970: 1_750_000_000 + 2 * 86_400))
  }

  @Test func thereIsNoneForSM2() throws {
    let key = try PrivateKey.generate(.sm2)
    #expect(!ClientCertificate.isPossible(for: .sm2))
    let failure = #expect(throws: Failure.self) { try ClientCertificate.pem(for: key, now: Self.now, validDays: 2) }
    #expect(failure?.reason == "UNSUPPORTED_KEY")
  }

  @Test(arguments: [0, -1, 3_651])
  func itsDaysHaveBounds(days: Int) throws {
    let key = try PrivateKey.generate(.ed25519)
    let failure = #expect(throws: Failure.self) { try ClientCertificate.pem(for: key, now: Self.now, validDays: days) }
    #expect(failure?.reason == "INVALID_VALIDITY")
  }
}
