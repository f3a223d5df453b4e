import Consensus
import Ledger
import Merkle
import Primitives
import Testing

@testable import Peers

@Suite struct PeerProofsTests {
  private let village: Village
  private let proofs: PeerProofs

  init() throws {
    village = try Village(batches: 12)
    proofs = PeerProofs(FakePeer("honest", village))
  }

  private func point(_ size: Int) -> LogPoint {
    LogPoint(size: UInt64(size), root: MerkleTree.root(village.log.prefix(size).map { MerkleTree.leafHash($0.entry) }))
  }

  @Test func aPeerProvesWhatItHasAndNothingElse() async throws {
    let (small, large) = (point(3), point(11))
    #expect(try await proofs.link(from: small, to: large) != nil)
    let other = LogPoint(size: 11, root: small.root)
    #expect(try await proofs.link(from: small, to: other) == nil)
    #expect(try await proofs.link(from: small, to: LogPoint(size: 400, root: large.root)) == nil)
  }

  @Test(arguments: [1, 4, 7, 10])
  func theSharedPartEndsWhereTheLogsDiffer(_ shared: Int) async throws {
    let found = try await proofs.sharedLog(with: point(11), from: point(1)) { size in
      guard size <= 15 else { return nil }
      return size <= shared ? point(Int(size)).root : MerkleTree.leafHash([UInt8(size)])
    }
    #expect(found == point(shared))
  }

  @Test func aPeerThatDoesNotAnswerShowsNothing() async throws {
    let silent = FakePeer("silent", village)
    silent.isAway = true
    let failure = await #expect(throws: Failure.self) {
      try await PeerProofs(silent).sharedLog(with: point(11), from: point(1)) { point(Int($0)).root }
    }
    #expect(failure?.kind == .unavailable)
  }
}
