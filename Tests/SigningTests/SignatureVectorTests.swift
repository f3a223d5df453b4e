import Foundation
import Primitives
import Signing
import Testing

@Suite("Signatures made elsewhere are accepted, and every abuse of them is refused")
struct SignatureVectorTests {
  struct Vector: Decodable {
    let suite: String
    let public_key: HexBytes
    let message: HexBytes
    let signature: HexBytes
    let valid: Bool
  }

  static let suites: [String: Signing.Suite] = ["ed25519": .ed25519, "ecdsa_p256": .ecdsaP256, "sm2": .sm2]

  @Test(arguments: Fixtures.names(in: "signatures"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("signatures", name)
    let key = try PublicKey(subjectPublicKeyInfo: vector.public_key.bytes)
    #expect(key.suite == Self.suites[vector.suite])
    #expect(key.verifies(signature: vector.signature.bytes, over: vector.message.bytes) == vector.valid)
    #expect(key.verifies(signature: Data(vector.signature.bytes), over: Data(vector.message.bytes)) == vector.valid)
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "signatures").count == 76) }

  @Test(arguments: suites.keys.sorted())
  func everyFlippedBitOfASignatureIsRefused(_ suite: String) throws {
    let vector: Vector = try Fixtures.load("signatures", "\(suite)-valid.json")
    let key = try PublicKey(subjectPublicKeyInfo: vector.public_key.bytes)
    for bit in 0..<vector.signature.bytes.count * 8 {
      var signature = vector.signature.bytes
      signature[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.verifies(signature: signature, over: vector.message.bytes), "bit \(bit)")
    }
  }

  @Test(arguments: suites.keys.sorted())
  func everyFlippedBitOfAKeyIsRefused(_ suite: String) throws {
    let vector: Vector = try Fixtures.load("signatures", "\(suite)-valid.json")
    for bit in 0..<vector.public_key.bytes.count * 8 {
      var der = vector.public_key.bytes
      der[bit / 8] ^= 1 << (bit % 8)
      let key = try? PublicKey(subjectPublicKeyInfo: der)
      #expect(key?.verifies(signature: vector.signature.bytes, over: vector.message.bytes) != true, "bit \(bit)")
    }
  }
}
