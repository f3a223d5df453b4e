import Foundation
import Primitives
import Signing
import Testing

@Suite("SHA-256 and SM3 agree with hashlib and the published examples")
struct DigestTests {
  struct Vector: Decodable {
    let data: HexBytes
    let sha256: HexBytes
    let sm3: HexBytes
  }

  @Test(arguments: Fixtures.names(in: "digests"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("digests", name)
    #expect(SHA256.hash(vector.data.bytes).bytes == vector.sha256.bytes)
    #expect(SHA256.hash(Data(vector.data.bytes)).bytes == vector.sha256.bytes)
    #expect(SM3.hash(vector.data.bytes).bytes == vector.sm3.bytes)
  }

  @Test(arguments: Fixtures.names(in: "digests"))
  func inPieces(_ name: String) throws {
    let vector: Vector = try Fixtures.load("digests", name)
    for size in [1, 7, 64, 100] {
      var hasher = SHA256()
      for start in stride(from: 0, to: vector.data.bytes.count, by: size) {
        hasher.update(Array(vector.data.bytes[start...].prefix(size)))
        _ = hasher.finalize()
      }
      #expect(hasher.finalize().bytes == vector.sha256.bytes)
    }
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "digests").count == 12) }

  @Test func aPrefixIsTheSameAsJoining() throws {
    let data = Array("leaf".utf8)
    #expect(SHA256.hash(prefix: 7, data) == SHA256.hash([7] + data))
    let (left, right) = (SHA256.hash([1]), SHA256.hash([2]))
    #expect(SHA256.hash(prefix: 1, left, right) == SHA256.hash([1] + left.bytes + right.bytes))
  }
}
