import Checkpoints
import Primitives
import Signing
import Testing

@Suite("Signing gives the bytes that aics-tlog gives")
struct SignerTests {
  struct Log: Decodable {
    let pem: String
    let name: String
    let size: UInt64
    let root: String
    let vkey: String
    let note: String
  }

  struct Witness: Decodable {
    let pem: String
    let name: String
    let time: Int64
    let vkey: String
    let text: String
    let line: String
  }

  @Test func aLogSignsItsCheckpoint() throws {
    let vector: Log = try Fixtures.load("signing/log.json")
    let signer = try NoteSigner(name: vector.name, key: PrivateKey(pem: vector.pem, passphrase: nil))
    #expect(signer.name == vector.name)
    #expect(signer.verifierKey.description == vector.vkey)
    let root = try #require(Digest(hex: vector.root))
    let checkpoint = try Checkpoint(origin: vector.name, size: vector.size, root: root)
    for _ in 0..<3 { #expect(try signer.sign(checkpoint) == vector.note) }
    let other = try Checkpoint(origin: "other.example", size: vector.size, root: root)
    #expect(reason { _ = try signer.sign(other) } == "ORIGIN_MISMATCH")
  }

  @Test func aWitnessCosigns() throws {
    let vector: Witness = try Fixtures.load("signing/witness.json")
    let cosigner = try Cosigner(name: vector.name, key: PrivateKey(pem: vector.pem, passphrase: nil))
    #expect(cosigner.verifierKey.description == vector.vkey)
    let time = Instant(microseconds: vector.time * 1_000_000 + 999_999)
    let line = try Cosignature.make(over: vector.text, at: time, by: cosigner)
    let log: Log = try Fixtures.load("signing/log.json")
    let note = try SignedNote(log.note).adding(line)
    #expect(note.description == log.note + vector.line)

    let cosignature = try #require(Cosignature(line.bytes))
    #expect(cosignature.time.microseconds == vector.time * 1_000_000)
    #expect(cosignature.verifies(over: vector.text, by: cosigner.verifierKey.publicKey))
    #expect(!cosignature.verifies(over: vector.text + "x\n", by: cosigner.verifierKey.publicKey))
    #expect(Cosignature(Array(line.bytes.dropLast())) == nil)
  }

  @Test(arguments: [Int64.min, -1, Instant.latest.microseconds + 1, .max])
  func aCosignatureHasAReasonableTime(_ microseconds: Int64) throws {
    let cosigner = try Cosigner(name: "w.example", key: .generate(.ed25519))
    let time = Instant(microseconds: microseconds)
    #expect(reason { _ = try Cosignature.make(over: "text\n", at: time, by: cosigner) } == "TIME_OUT_OF_RANGE")
  }

  @Test func onlyEd25519KeysWithGoodNamesSignNotes() throws {
    for suite in [Signing.Suite.ecdsaP256, .sm2] {
      let key = try PrivateKey.generate(suite)
      #expect(reason { _ = try NoteSigner(name: "a.example", key: key) } == "UNSUPPORTED_KEY")
      #expect(reason { _ = try Cosigner(name: "a.example", key: key) } == "UNSUPPORTED_KEY")
    }
    let key = try PrivateKey.generate(.ed25519)
    for name in [
      "", "a b", "a+b", "a\nb", "a\tb", "a\u{a0}b", "a\u{2028}b", "a\u{7f}", String(repeating: "a", count: 256),
    ] {
      #expect(reason { _ = try NoteSigner(name: name, key: key) } == "MALFORMED_KEY_NAME")
      #expect(
        reason { _ = try Checkpoint(origin: name, size: 0, root: SHA256.hash([UInt8]())) } == "MALFORMED_KEY_NAME")
    }
  }

  @Test func aNodeAloneIsTrustedByItsPolicy() throws {
    let origin = "harbour/\(SHA256.hash(Array("genesis".utf8)))"
    let signer = try NoteSigner(name: origin, key: .generate(.ed25519))
    let policy = try Policy(logs: [signer.verifierKey])
    #expect(try Policy(policy.description) == policy)
    let checkpoint = try Checkpoint(origin: origin, size: 7, root: SHA256.hash([7]))
    let verified = try policy.verify(try signer.sign(checkpoint))
    #expect(verified.checkpoint == checkpoint)
    #expect(verified.cosigners.isEmpty)
    let stranger = try Policy(logs: [NoteSigner(name: origin, key: .generate(.ed25519)).verifierKey])
    #expect(reason { _ = try stranger.verify(try signer.sign(checkpoint)) } == "LOG_SIGNATURE_MISSING")
  }
}
