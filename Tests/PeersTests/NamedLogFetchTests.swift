import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Testing
import Wire

@testable import Peers

@Suite struct NamedLogFetchTests {
  private let village: Village
  private let store: Store

  init() throws {
    village = try Village(batches: 20)
    store = try village.newStore(at: TemporaryDirectory.make())
  }

  /// The log of the first `size` entries.
  private func target(_ size: Int) -> NamedLogFetch.Target {
    let leaves = village.log.prefix(size).map { MerkleTree.leafHash($0.entry) }
    return (UInt64(size), MerkleTree.root(leaves))
  }

  private func peer(
    _ name: String, logSize: UInt64 = 21,
    change: @escaping @Sendable (inout FakePeer.Message, UInt64) async throws -> Bool = { _, _ in true }
  ) -> FakePeer {
    FakePeer(name, village, status: { $0.logSize = logSize }, change: change)
  }

  private func fetch(_ targets: [NamedLogFetch.Target], _ peers: [FakePeer]) async throws -> [String] {
    let sign = { @Sendable (size: UInt64, root: Digest) in SignedCheckpoint(size: size, root: root, note: "") }
    return try await NamedLogFetch(store: store, peers: peers, progress: { _ in }, sign: sign).run(targets).map {
      "\($0.peer) \($0.failure.reason)"
    }
  }

  private func isAt(_ size: UInt64) throws {
    let (state, base) = try store.readNow { (try $0.state(), try $0.catchUpBase()) }
    #expect(base == nil)
    #expect(state.edge.size == size)
    #expect(state.edge.root == target(Int(size)).root)
  }

  @Test func goesToTheLongestLogThatThePeerHas() async throws {
    #expect(try await fetch([target(9), target(18), target(21)], [peer("behind", logSize: 19)]) == [])
    try isAt(18)
    #expect(try await fetch([target(21)], [peer("whole")]) == [])
    try isAt(21)
  }

  @Test func aLogThatNobodyHasIsPassedOver() async throws {
    let lie = (size: UInt64(15), root: target(3).root)
    #expect(try await fetch([lie, target(7)], [peer("honest")]) == [])
    try isAt(7)
    #expect(try await fetch([lie], [peer("honest")]) == [])
    try isAt(7)
  }

  /// What a peer sends wrong is taken out, and the next one is asked.
  @Test func aLyingPeerIsNamedAndLeftForAnother() async throws {
    let liar = peer("liar") { message, position in
      if position == 12 { message.parts[0].records[0][message.parts[0].records[0].count - 1] ^= 1 }
      return true
    }
    let short = peer("short") { _, position in position < 8 }
    #expect(try await fetch([target(18)], [liar, short]) == ["liar RECORDS_ROOT_MISMATCH", "short ENTRY_MISSING"])
    try isAt(1)
    #expect(try await fetch([target(18)], [liar, peer("honest")]) == ["liar RECORDS_ROOT_MISMATCH"])
    try isAt(18)
  }
}
