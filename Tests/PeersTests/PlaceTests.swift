import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Synchronization
import Testing
import Wire

@testable import Peers

/// A node that joins takes the place in the order with the log, where enough members' nodes say the same.
@Suite struct PlaceTests {
  private func catchUp(
    _ store: Store, _ peers: [any Peer], epoch: UInt64? = nil
  ) async -> Result<CatchUp.Outcome, Failure> {
    let hooks = CatchUp.Hooks { state, certificate in
      SignedCheckpoint(size: state.edge.size, root: state.edge.root, note: "own note")
    }
    do throws(Failure) {
      return .success(
        try await CatchUp(
          store: store, peers: peers, order: .shared(epoch: epoch), hooks: hooks, clock: ImpatientClock()
        ).run())
    } catch { return .failure(error) }
  }

  private func peer(
    _ member: Int, _ village: Village, place: (@Sendable (Village) throws -> Cairn_V1_GetConsensusStateResponse)? = nil
  ) -> FakePeer {
    FakePeer(Village.members[member], village, place: place ?? { try $0.place(by: member) })
  }

  @Test func thePlaceAndTheCertificateAreSavedWithTheLog() async throws {
    let village = try Village(batches: 30)
    let store = try village.newStore(at: TemporaryDirectory.make())
    let outcome = try await catchUp(store, [peer(0, village), peer(1, village)]).get()
    #expect(outcome.place?.sequence == 900)
    let (place, certificate, view) = try store.readNow {
      (try $0.enginePlace(), try $0.certificate(), try $0.view())
    }
    #expect(place?.sequence == 900 && place?.stored == 8 && place?.created == 7)
    #expect(try ConsensusState(try #require(place).state).checkpointSize == village.state.edge.size)
    #expect(try certificate?.note == village.note())
    #expect(view.certifiedSize == village.state.edge.size)
    let placed = try store.readNow { try $0.placedCheckpoint(size: village.state.edge.size) }
    #expect(placed?.place == place)
  }

  /// What one liar of four may say, in its own name or in another's.
  static let lies: [@Sendable (Village) throws -> Cairn_V1_GetConsensusStateResponse] = [
    { try $0.place(by: 3, sequence: 899) },
    { try $0.place(by: 3, clock: 60_000_000) },
    { try $0.place(by: 3, epoch: 2) },
    {
      var forged = try $0.place(by: 3, sequence: 5)
      forged.keyID = try $0.place(by: 0).keyID
      return forged
    },
    {
      var other = try $0.place(by: 3)
      other.orderState = try $0.place(by: 3, clock: 1).orderState
      return other
    },
    { _ in Cairn_V1_GetConsensusStateResponse() },
    { _ in throw FakePeer.noEngine },
  ]

  @Test(arguments: lies.indices) func aLyingPeerLeadsNowhere(number: Int) async throws {
    let village = try Village(batches: 10)
    let liar = peer(3, village, place: Self.lies[number])
    let store = try village.newStore(at: TemporaryDirectory.make())
    let outcome = try await catchUp(store, [liar, peer(0, village), peer(1, village)]).get()
    #expect(outcome.place?.sequence == 900 && outcome.place?.epoch == 1)
    // With one honest node it cannot be told who lies: nothing is taken, and nothing is signed.
    let alone = try village.newStore(at: TemporaryDirectory.make())
    let failure = await catchUp(alone, [liar, peer(0, village)])
    #expect(throws: Failure.self) { try failure.get() }.map { #expect($0.reason == "PLACE_UNKNOWN", "\($0)") }
    #expect(try alone.readNow { try $0.enginePlace() } == nil)
    #expect(try alone.readNow { try $0.catchUpBase()?.size } == 1)
  }

  /// One address after the other of the same member is one member.
  @Test func oneMembersNodesAreOneVoice() async throws {
    let village = try Village(batches: 10)
    let store = try village.newStore(at: TemporaryDirectory.make())
    let voices = (0..<3).map { number in
      FakePeer("mill-\(number)", village, place: { try $0.place(by: 0) })
    }
    let failure = await catchUp(store, voices)
    #expect(throws: Failure.self) { try failure.get() }.map { #expect($0.reason == "PLACE_UNKNOWN", "\($0)") }
  }

  @Test func aNodeOfAnotherEpochIsSentToRecovery() async throws {
    let village = try Village(batches: 10)
    let store = try village.newStore(at: TemporaryDirectory.make())
    let peers = [0, 1].map { member in peer(member, village, place: { try $0.place(by: member, epoch: 2) }) }
    let failure = await catchUp(store, peers, epoch: 1)
    #expect(throws: Failure.self) { try failure.get() }.map {
      #expect($0.reason == "EPOCH_OVER" && $0.kind == .preconditionFailed)
    }
  }

  /// A node whose log is whole and whose place the engine has forgotten takes a later place.
  @Test func aWholeLogStillGetsItsPlace() async throws {
    let village = try Village(batches: 10)
    let store = try village.newStore(at: TemporaryDirectory.make())
    _ = try await catchUp(store, [peer(0, village), peer(1, village)]).get()
    let later = [0, 1].map { member in
      peer(member, village, place: { try $0.place(by: member, sequence: 1_024) })
    }
    _ = try await catchUp(store, later, epoch: 1).get()
    #expect(try store.readNow { try $0.enginePlace()?.sequence } == 1_024)
    #expect(try store.readNow { try $0.placedCheckpoint(size: village.state.edge.size)?.place.sequence } == 1_024)
  }
}

@Suite struct NoteSearchTests {
  @Test func isPatientAndThenMoreSo() {
    var pace = SearchPace()
    let current = (0..<10).filter { pace.isDue(logSize: UInt64($0), certifiedSize: UInt64($0)) }
    #expect(current == [])
    let asked = (0..<200).filter { _ in pace.isDue(logSize: 20, certifiedSize: 9) }
    #expect(asked == [1, 5, 13, 29, 61, 121, 181])
    // Anything new begins it anew.
    let again = (0..<6).filter { _ in pace.isDue(logSize: 20, certifiedSize: 12) }
    #expect(again == [2])
  }

  @Test func allPeersAreAskedForWhatTheySigned() async throws {
    let village = try Village(batches: 3)
    let notes = Mutex<Set<String>>([])
    let peers = [
      FakePeer("one", village, status: { $0.cosignedNote = "one's" }),
      FakePeer("gone", village, status: { _ in throw Failure(.unavailable, "GONE", "gone") }),
      FakePeer(
        "long", village,
        status: {
          $0.certifiedNote = String(repeating: "x", count: 1 << 20)
          $0.cosignedNote = "long's"
        }),
    ]
    let search = NoteSearch(
      peers: peers, standing: { (9, 1) }, receive: { note in _ = notes.withLock { $0.insert(note) } })
    await search.ask()
    #expect(notes.withLock { $0 } == [try village.note(), "one's", "long's"])
  }
}
