import Checkpoints
import Primitives
import SeededRandom
import Testing

@Suite("A request to a witness is read as the specification writes it, and only so")
struct WitnessRequestTests {
  let log: WitnessedLog

  init() throws { log = try WitnessedLog() }

  @Test func whatIsWrittenIsRead() throws {
    for (old, size) in [(0, 0), (0, 9), (7, 7), (7, 12), (63, 64)] as [(UInt64, UInt64)] {
      let request = try log.request(old, size)
      #expect(try WitnessRequest(Array(request.description.utf8)) == request)
    }
  }

  @Test(arguments: [
    "", "\n", "old 0", "old 0\n", "old 0\n\n", "\nNOTE", "old\n\nNOTE", "old \n\nNOTE", "old 00\n\nNOTE",
    "old 01\n\nNOTE",
    "old +1\n\nNOTE", "old -1\n\nNOTE", "old 1 \n\nNOTE", "Old 1\n\nNOTE", " old 1\n\nNOTE", "old  1\n\nNOTE",
    "old 18446744073709551616\n\nNOTE", "old 1\r\n\r\nNOTE", "old 1\nHASH \n\nNOTE", "old 1\nHASH\nNOTE",
    "old 1\nAAAA\n\nNOTE", "old 1\nHASH=\n\nNOTE", "old 1\nHASH\n\n\nNOTE", "old 1\nHASH\n \n\nNOTE", "NOTE",
    "old 1\n\nNOTEx",
    "old 1\n\nNOTE\n",
  ])
  func everythingElseIsRefused(_ pattern: String) throws {
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    let note = try log.note(3).description
    let body = pattern.replacingOccurrence(of: "HASH", with: hash).replacingOccurrence(of: "NOTE", with: note)
    let right = "old 1\n\(hash)\n\n\(note)"
    #expect(try WitnessRequest(Array(right.utf8)).proof.count == 1)
    #expect(reason { _ = try WitnessRequest(Array(body.utf8)) } != nil)
  }

  @Test func limits() throws {
    let note = try log.note(3).description
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    func body(_ count: Int) -> [UInt8] { Array("old 1\n\(String(repeating: hash, count: count))\n\(note)".utf8) }
    #expect(try WitnessRequest(body(63)).proof.count == 63)
    #expect(reason { _ = try WitnessRequest(body(64)) } == "MALFORMED_WITNESS_REQUEST")
    let large = body(1) + Array(repeating: UInt8(ascii: "x"), count: WitnessRequest.maxByteCount)
    #expect(reason { _ = try WitnessRequest(large) } == "MALFORMED_WITNESS_REQUEST")
    #expect(reason { _ = try WitnessRequest(Array("old 1\n\n".utf8) + [0xff, 0xfe] + Array(note.utf8)) } != nil)
  }

  @Test(arguments: [UInt64(1), 2, 3]) func whatParsesRendersToItself(_ seed: UInt64) throws {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    let body = Array(try log.request(7, 12).description.utf8)
    for _ in 0..<500 {
      var changed = body
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<changed.count, using: &generator)
        if Bool.random(using: &generator) {
          changed.remove(at: place)
        } else {
          changed[place] = .random(in: 0...255, using: &generator)
        }
      }
      if let request = try? WitnessRequest(changed) { #expect(request.description.utf8.elementsEqual(changed)) }
    }
  }
}
