import Consensus
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import Testing
import Wire

@Suite struct OrderPlaceTests {
  typealias C = SmallConsortium

  /// The state after a mark of every node of the consortium.
  private func state(_ consortium: C, clock: Int64 = 5, epoch: UInt64 = 1) throws -> Data {
    var state = ConsensusState(epoch: epoch)
    for node in consortium.nodes.indices {
      _ = try state.apply(try consortium.mark(node, clock: clock, epoch: epoch), ledger: consortium.ledger)
    }
    return try state.serialized
  }

  /// What a node says: the same place as everyone's, unless something is changed.
  private func said(
    _ consortium: C, _ node: Int, sequence: UInt64 = 9, clock: Int64 = 5, created: Int64 = 77
  ) throws -> SignedPlace {
    let edge = consortium.ledger.edge
    let state = try state(consortium, clock: clock)
    return try OrderPlace(
      ledgerID: consortium.ledger.ledgerID, epoch: 1, log: LogPoint(size: edge.size, root: edge.root),
      stream: "CAIRN_1", created: created, sequence: sequence, stored: 1_000, state: state
    ).signed(by: consortium.nodes[node], state: state)
  }

  private func agreed(_ consortium: C, _ answers: [SignedPlace]) -> OrderPlace? {
    let (ledger, edge) = (consortium.ledger, consortium.ledger.edge)
    return SignedPlace.agreed(
      answers, on: LogPoint(size: edge.size, root: edge.root), ledgerID: ledger.ledgerID, directory: ledger.directory,
      signers: Signers(ledger.directory, at: C.start))?.place
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (6, 2), (7, 3), (10, 4)])
  func oneMoreThanMayLieMustSayTheSame(members: Int, needed: Int) throws {
    let consortium = try C(members: members)
    let answers = try (0..<needed).map { try said(consortium, $0) }
    #expect(agreed(consortium, answers) == answers[0].place)
    #expect(agreed(consortium, Array(answers.dropLast())) == nil)
  }

  @Test func aMemberCountsOnceWhateverKeysAndAddressesItHas() throws {
    let consortium = try C(members: 4, twoKeys: 1)
    let twice = [try said(consortium, 0), try said(consortium, 4), try said(consortium, 0)]
    #expect(agreed(consortium, twice) == nil)
    #expect(agreed(consortium, twice + [try said(consortium, 2)]) != nil)
  }

  /// One liar of four changes nothing, whatever it says, in whosever name.
  @Test(arguments: 0..<4) func aLiarIsNotFollowed(lie: Int) throws {
    let consortium = try C()
    let stranger = try C()
    let liar =
      switch lie {
      case 0: try said(consortium, 3, sequence: 10)
      case 1: try said(consortium, 3, clock: 6)
      case 2: try said(stranger, 1)
      default: try SignedPlace(forged(try said(consortium, 3, clock: 7), as: consortium.nodes[0].publicKey.id))
      }
    let honest = [try said(consortium, 1), try said(consortium, 2)]
    #expect(agreed(consortium, [liar] + honest) == honest[0].place)
    #expect(agreed(consortium, [liar, liar, liar, honest[0]]) == nil)
  }

  @Test func nodesMayKnowTheStreamByOtherTimesOfItsMaking() throws {
    let consortium = try C()
    let other = try said(consortium, 3, created: 78)
    let honest = [try said(consortium, 1), try said(consortium, 2)]
    #expect(agreed(consortium, [other] + honest) == honest[0].place)
    #expect(agreed(consortium, [other, other, honest[0]])?.sequence == 9)
    #expect(agreed(consortium, [other, other]) == nil)
  }

  private func forged(_ place: SignedPlace, as key: KeyID) -> Cairn_V1_GetConsensusStateResponse {
    var wire = place.wire
    wire.keyID = Data(key.digest.bytes)
    return wire
  }

  /// Where as many say one thing as another, nobody is followed.
  @Test func twoAgainstTwoIsNoAgreement() throws {
    let consortium = try C()
    let answers = try (0..<4).map { try said(consortium, $0, sequence: $0 < 2 ? 9 : 10) }
    #expect(agreed(consortium, answers) == nil)
    #expect(agreed(consortium, Array(answers.dropLast())) == answers[0].place)
  }

  @Test func whatIsReadIsWhatWasSigned() throws {
    let consortium = try C()
    let signed = try said(consortium, 1)
    #expect(try SignedPlace(signed.wire) == signed)
    var wrong = signed.wire
    wrong.orderState = try state(consortium, clock: 6)
    #expect(throws: Failure.self) { try SignedPlace(wrong) }.map { #expect($0.reason == "WRONG_STATE") }
    wrong.orderState = Data([1, 2, 3])
    #expect(throws: Failure.self) { try SignedPlace(wrong) }.map { #expect($0.reason == "MALFORMED_STATE") }
    wrong = signed.wire
    wrong.place = Data()
    #expect(throws: Failure.self) { try SignedPlace(wrong) }
    var random = SplitMix(seed: 11)
    for _ in 0..<200 {
      wrong = signed.wire
      wrong.place[random.below(wrong.place.count)] ^= UInt8(1 << random.below(8))
      // Whatever can still be read is another place, or not signed.
      if let read = try? SignedPlace(wrong) { #expect(agreed(consortium, [read, signed]) == nil) }
    }
  }
}
