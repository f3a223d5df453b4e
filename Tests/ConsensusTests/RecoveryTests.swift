import Consensus
import Ledger
import FoundationEssentials
import Merkle
import Primitives
import Signing
import Testing

@Suite struct RecoveryTests {
  typealias C = SmallConsortium

  /// What one member said: what it signed and how far its log goes, both of the first history.
  typealias Said = (signed: UInt64, log: UInt64)

  private func base(_ consortium: C, _ said: [Said], liars: [Int: LogPoint] = [:]) throws -> UInt64? {
    let statements = try said.enumerated().map { node, said in
      let lie = liars[node]
      return try consortium.statement(
        node, signed: lie ?? (said.signed == 0 ? nil : C.log(said.signed)), log: lie ?? C.log(said.log))
    }
    var proven = ProvenPrefixes()
    proven.add(Recovery.points(of: statements), of: C.root(upTo: 50))
    let signers = [Signers(consortium.ledger.directory, at: C.start)]
    return try best(statements, proven, signers)
  }

  private func best(
    _ statements: [VerifiedStatement], _ proven: ProvenPrefixes, _ signers: [Signers]
  ) throws -> UInt64? {
    let logs = Recovery.points(of: statements)
    return try Recovery.judge(logs, by: statements, proven: proven, signers: signers).first?.base.size
  }

  @Test func oneHonestVoiceIsEnoughWhereOneIsSilentAndOneMayLie() throws {
    // FINAL at 9 by nodes 0, 2 and 3; 3 is away, 2 lies low: only 0 tells.
    #expect(try base(C(), [(9, 9), (4, 5), (4, 4)]) == 9)
  }

  @Test(
    arguments: [
      ([(9, 9), (9, 10), (9, 11), (8, 12)], 11),
      ([(0, 1), (0, 1), (0, 7), (0, 1)], 1),
      ([(0, 5), (0, 6), (0, 7)], 7),
      ([(5, 5), (5, 5), (5, 5), (5, 30)], 5),
    ] as [([Said], UInt64)])
  func goesOnFromTheLeastThatCannotHaveBeenCosignedBeyond(said: [Said], expected: UInt64) throws {
    #expect(try base(C(), said) == expected)
  }

  @Test func aLieAboutALogThatNobodyHasIsPassedOverOnceAllHaveSpoken() throws {
    let lie = C.log(40, history: 3)
    #expect(try base(C(), [(9, 9), (9, 9), (8, 9), (0, 0)], liars: [3: lie]) == 9)
    #expect(try base(C(), [(9, 9), (9, 9), (0, 0)], liars: [2: lie]) == nil)
  }

  @Test func tooFewStatementsDecideNothing() throws {
    let failure = #expect(throws: Failure.self) { try base(C(), [(9, 9), (9, 9)]) }
    #expect(failure?.reason == "QUORUM_NOT_MET")
  }

  @Test func whoSaysTwoThingsHasSaidNothing() throws {
    let consortium = try C()
    var statements = try (0..<3).map { try consortium.statement($0, signed: C.log(9), log: C.log(9)) }
    statements.append(try consortium.statement(0, signed: nil, log: C.log(1)))
    let failure = #expect(throws: Failure.self) {
      try best(statements, ProvenPrefixes(), [Signers(consortium.ledger.directory, at: C.start)])
    }
    #expect(failure?.reason == "QUORUM_NOT_MET")
  }

  /// Its key was replaced since something was FINAL: one set of signers knows the old one, the other the new one.
  @Test func aMemberMaySayTheSameUnderSeveralKeys() throws {
    let consortium = try C(twoKeys: 1)
    let keys = consortium.nodes.map(\.publicKey.id)
    func signers(_ nodes: [Int]) -> Signers {
      Signers(
        members: Dictionary(uniqueKeysWithValues: nodes.map { (keys[$0], consortium.names[$0 % 4]) }), quorum: 3)
    }
    let both = [signers([0, 1, 2, 3]), signers([4, 1, 2, 3])]
    let statements = try [0, 1, 2, 4].map { try consortium.statement($0, signed: C.log(9), log: C.log(9)) }
    var proven = ProvenPrefixes()
    proven.add(Recovery.points(of: statements), of: C.root(upTo: 50))
    #expect(try best(statements, proven, both) == 9)
    let failure = #expect(throws: Failure.self) { try best(Array(statements.prefix(3)), proven, both) }
    #expect(failure?.reason == "QUORUM_NOT_MET")
  }

  @Test func anOpeningIsJudgedByWhoeverFollowsIt() throws {
    let consortium = try C()
    let leaves = (0..<9).map { MerkleTree.leafHash([UInt8($0)]) }
    func root(_ size: UInt64) -> Digest? { size <= 9 ? MerkleTree.root(Array(leaves.prefix(Int(size)))) : nil }
    func point(_ size: UInt64) throws -> LogPoint { LogPoint(size: size, root: try #require(root(size))) }
    let statements = try (0..<3).map { node in
      try Statement(
        ledgerID: consortium.ledger.ledgerID, closedEpoch: 1, signed: try point(6), finalSize: 6,
        log: try point(UInt64(7 + node))
      ).signed(by: consortium.nodes[node])
    }
    let signers = [Signers(consortium.ledger.directory, at: C.start)]
    let opening = try Recovery.opening(
      statements: statements, directory: consortium.ledger.directory, signers: signers, root: root
    ) { (first, second) throws(Failure) in
      try Proof.consistencyPath(first: first, second: second, leaves: leaves)
    }
    #expect(opening.base == (try point(9)))
    guard case .opening(let parsed) = OrderedItem(try OrderedItem.message(opening)) else {
      return #expect(Bool(false), "not an opening")
    }
    #expect(parsed == opening)
    func judge(_ opening: EpochOpening, epoch: UInt64 = 2) throws {
      try Recovery.judge(
        opening, ledgerID: consortium.ledger.ledgerID, epoch: epoch, directory: consortium.ledger.directory,
        signers: signers, root: { _ in nil })
    }
    try judge(parsed)
    #expect(throws: Failure.self) { try judge(parsed, epoch: 3) }
    let low = EpochOpening(
      ledgerID: parsed.ledgerID, epoch: 2, base: try point(5), statements: parsed.statements, links: parsed.links)
    #expect(throws: Failure.self) { try judge(low) }
    let few = EpochOpening(
      ledgerID: parsed.ledgerID, epoch: 2, base: parsed.base, statements: Array(parsed.statements.prefix(2)), links: [])
    #expect(throws: Failure.self) { try judge(few) }
  }

  /// Two went one way after the engine was put back, two the other; the members choose.
  @Test func theMembersMayChooseWhereNothingFinalIsInDanger() throws {
    let consortium = try C()
    let (ours, theirs) = (C.log(9), C.log(12, history: 2))
    func statements(signed: [LogPoint?]) throws -> [SignedStatement] {
      try [ours, ours, theirs, theirs].enumerated().map { node, log in
        try Statement(
          ledgerID: consortium.ledger.ledgerID, closedEpoch: 1, signed: signed[node], finalSize: 0, log: log
        ).signed(by: consortium.nodes[node])
      }
    }
    func base(_ signed: [LogPoint?], choosing chosen: LogPoint?) throws -> LogPoint {
      try Recovery.base(
        of: statements(signed: signed), directory: consortium.ledger.directory,
        signers: [Signers(consortium.ledger.directory, at: C.start)], choosing: chosen, acceptingIncomplete: true,
        proven: ProvenPrefixes())
    }
    let none: [LogPoint?] = [nil, nil, nil, nil]
    #expect(try base(none, choosing: nil) == ours)
    #expect(try base(none, choosing: theirs) == theirs)
    // Two who signed may be two of three who made it FINAL.
    let unsafe = #expect(throws: Failure.self) { try base([ours, ours, nil, nil], choosing: theirs) }
    #expect(unsafe?.reason == "BASE_UNDECIDED")
    #expect(try base([ours, ours, nil, nil], choosing: ours) == ours)
  }
}
