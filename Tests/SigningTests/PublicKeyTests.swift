import Primitives
import Signing
import Testing

@Suite("A public key has one encoding and one id")
struct PublicKeyTests {
  struct Vector: Decodable {
    let public_key: HexBytes
    let suite: String?
    let reason: String?
    let key_id: HexBytes
  }

  @Test(arguments: Fixtures.names(in: "keys"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("keys", name)
    do throws(Failure) {
      let key = try PublicKey(subjectPublicKeyInfo: vector.public_key.bytes)
      #expect(vector.reason == nil)
      #expect(key.suite == vector.suite.flatMap { SignatureVectorTests.suites[$0] })
      #expect(key.subjectPublicKeyInfo == vector.public_key.bytes)
      #expect(key.id.digest.bytes == vector.key_id.bytes)
    } catch {
      #expect(error.reason == vector.reason)
      #expect(error.kind == .malformed)
      #expect(error.violations.map(\.field) == ["public_key"])
    }
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "keys").count == 35) }

  @Test func theRawFormOfAnEd25519KeyIsTheSameKey() throws {
    let key = try PrivateKey.generate(.ed25519).publicKey
    let raw = try #require(key.rawRepresentation)
    #expect(raw.count == 32)
    #expect(try PublicKey(ed25519Raw: raw) == key)
    #expect(throws: Failure.self) { try PublicKey(ed25519Raw: raw.dropLast()) }
    #expect(throws: Failure.self) { try PublicKey(ed25519Raw: [UInt8](repeating: 0, count: 32)) }
    #expect(try PrivateKey.generate(.sm2).publicKey.rawRepresentation == nil)
  }

  @Test func oneKeyServesManyThreads() async throws {
    for suite in Signing.Suite.allCases {
      let key = try PrivateKey.generate(suite)
      let wrong = await withTaskGroup(of: Int.self) { group in
        for task in 0..<8 {
          group.addTask { @concurrent in
            (0..<25).count { round in
              let message = Array("\(task) \(round)".utf8)
              guard let signature = try? key.sign(message) else { return true }
              return !key.publicKey.verifies(signature: signature, over: message)
                || key.publicKey.verifies(signature: signature, over: message + [0])
            }
          }
        }
        return await group.reduce(0, +)
      }
      #expect(wrong == 0)
    }
  }
}
