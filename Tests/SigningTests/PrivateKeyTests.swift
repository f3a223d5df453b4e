import Foundation
import Primitives
import Signing
import Testing

@Suite("A private key signs, and keeps its secret")
struct PrivateKeyTests {
  @Test(arguments: Signing.Suite.allCases)
  func signs(_ suite: Signing.Suite) throws {
    let key = try PrivateKey.generate(suite)
    #expect(key.publicKey.suite == suite)
    for message in [[], Array("x".utf8), [UInt8](repeating: 1, count: 100_000)] {
      let signature = try key.sign(message)
      #expect(signature.count == 64)
      #expect(key.publicKey.verifies(signature: signature, over: message))
      #expect(!key.publicKey.verifies(signature: signature, over: message + [0]))
    }
  }

  @Test(arguments: Signing.Suite.allCases)
  func goesThroughPEM(_ suite: Signing.Suite) throws {
    let key = try PrivateKey.generate(suite)
    let plain = try key.pem(passphrase: nil)
    #expect(plain.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    #expect(try PrivateKey(pem: plain, passphrase: nil).publicKey == key.publicKey)
    let sealed = try key.pem(passphrase: "öffne dich")
    #expect(sealed.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
    #expect(try PrivateKey(pem: sealed, passphrase: "öffne dich").publicKey == key.publicKey)
    #expect(reason { try PrivateKey(pem: sealed, passphrase: "wrong") } == "PASSPHRASE_WRONG")
    #expect(reason { try PrivateKey(pem: sealed, passphrase: "") } == "PASSPHRASE_WRONG")
    #expect(reason { try PrivateKey(pem: sealed, passphrase: nil) } == "PASSPHRASE_MISSING")
  }

  @Test func theWrappingIsPBES2() throws {
    let sealed = try PrivateKey.generate(.ed25519).pem(passphrase: "secret")
    let base64 = sealed.split(separator: "\n").dropFirst().dropLast().joined()
    let der = Hex.encode(try #require(Data(base64Encoded: base64)))
    #expect(der.contains("06092a864886f70d01050d"), "PBES2")
    #expect(der.contains("06092a864886f70d01050c"), "PBKDF2")
    #expect(der.contains("02030927c0"), "600,000 rounds")
    #expect(der.contains("06082a864886f70d0209"), "HMAC-SHA256")
    #expect(der.contains("060960864801650304012a"), "AES-256-CBC")
  }

  @Test(arguments: ["ed25519", "ecdsa_p256", "sm2"], ["", "-pbes2", "-scrypt"])
  func readsWhatStockToolsWrite(_ suite: String, _ wrapping: String) throws {
    let pem = try Fixtures.text("pem", "\(suite)\(wrapping).pem")
    let key = try PrivateKey(pem: pem, passphrase: wrapping.isEmpty ? nil : "open sesame")
    let vector: PublicKeyTests.Vector = try Fixtures.load("keys", "\(suite)-good.json")
    #expect(key.publicKey.subjectPublicKeyInfo == vector.public_key.bytes)
    if !wrapping.isEmpty {
      #expect(reason { try PrivateKey(pem: pem, passphrase: "open sesam") } == "PASSPHRASE_WRONG")
      #expect(reason { try PrivateKey(pem: pem, passphrase: nil) } == "PASSPHRASE_MISSING")
    }
  }

  @Test(arguments: [
    ("empty", "MALFORMED_KEY"), ("garbage", "MALFORMED_KEY"), ("public", "MALFORMED_KEY"),
    ("traditional", "MALFORMED_KEY"), ("foreign-public-half", "MALFORMED_KEY"), ("p384", "UNSUPPORTED_KEY"),
    ("rsa", "UNSUPPORTED_KEY"),
  ])
  func refuses(_ name: String, _ expected: String) throws {
    let pem = try Fixtures.text("pem", "refused-\(name).pem")
    #expect(reason { try PrivateKey(pem: pem, passphrase: nil) } == expected)
  }

  @Test func refusesALongFile() {
    #expect(reason { try PrivateKey(pem: String(repeating: "x", count: 16_385), passphrase: nil) } == "MALFORMED_KEY")
  }

  @Test func whatIsPrintedIsNotSecret() throws {
    let key = try PrivateKey.generate(.ed25519)
    let description = "private half of Ed25519 key \(key.publicKey.id)"
    #expect("\(key)" == description)
    #expect(String(reflecting: key) == description)
    var dumped = ""
    dump(key, to: &dumped)
    let secret = try key.pem(passphrase: nil).split(separator: "\n")[1]
    let bytes = try #require(Data(base64Encoded: String(secret)))
    #expect(!dumped.contains(Hex.encode(bytes.suffix(32))))
  }

  private func reason(_ body: () throws -> PrivateKey) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? Failure)?.reason
    }
  }
}
