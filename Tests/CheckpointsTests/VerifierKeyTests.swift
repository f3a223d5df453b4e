import Checkpoints
import Primitives
import Signing
import Testing

@Suite("Verifier keys have one text")
struct VerifierKeyTests {
  struct Vector: Decodable {
    let text: String
    let reason: String?
    let name: String?
    let id: String?
    let kind: UInt8?
    let raw: String?
  }

  @Test(arguments: Fixtures.names(in: "keys"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("keys/\(name)")
    guard vector.reason == nil else {
      #expect(reason { _ = try VerifierKey(vector.text) } == vector.reason)
      return
    }
    let key = try VerifierKey(vector.text)
    #expect(key.name == vector.name)
    #expect(key.keyID == vector.id.flatMap { UInt32($0, radix: 16) })
    #expect(key.kind.rawValue == vector.kind)
    #expect(key.publicKey.rawRepresentation == vector.raw.flatMap(Hex.decode))
    #expect(key.description == vector.text)
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "keys").count == 24) }

  @Test func noPartOfAKeyIsAKey() throws {
    let vector: Vector = try Fixtures.load("keys/accepted-peter-neumann.json")
    let bytes = Array(vector.text.utf8)
    for start in bytes.indices {
      for end in start...bytes.count where end - start < bytes.count {
        let part = String(decoding: bytes[start..<end], as: UTF8.self)
        #expect(reason { _ = try VerifierKey(part) } != nil, "\(part)")
      }
    }
  }
}
