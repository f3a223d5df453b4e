import Consensus
import Ledger
import Primitives
import Signing
import Testing

@Suite struct CertifierTests {
  typealias C = SmallConsortium

  @Test func cosignsWhatAQuorumHasOnDiskAndNothingBefore() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    #expect(try consortium.prepare(&certifier, [0, 1], C.log(3)) == [])
    #expect(try consortium.prepare(&certifier, [2], C.log(3)) == [.cosign(LastSigned(log: C.log(3)))])
    #expect(certifier.lastSigned.log == C.log(3))
  }

  @Test func aMemberWithTwoKeysCountsOnce() throws {
    let consortium = try C(members: 4, twoKeys: 1)
    var certifier = consortium.certifier(entries: 3)
    #expect(try consortium.prepare(&certifier, [0, 4, 1], C.log(3)) == [])
    for note in [
      try consortium.note(0, C.log(3)), try consortium.note(4, C.log(3), as: 0), try consortium.note(1, C.log(3)),
    ] {
      #expect(certifier.receive(note, root: C.root(upTo: 3)) == [])
    }
    let actions = certifier.receive(try consortium.note(2, C.log(3)), root: C.root(upTo: 3))
    guard case .certified(let certificate) = actions.first else { return #expect(Bool(false), "not FINAL") }
    #expect(certificate.members.map(\.description) == ["m0", "m1", "m2"])
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 10]) func isFinalWithAQuorumInAnyOrder(members: Int) throws {
    let consortium = try C(members: members)
    let quorum = members * 2 / 3 + 1
    var certifier = consortium.certifier(entries: 2)
    _ = try consortium.prepare(&certifier, [0], C.log(2))
    let signers = (0..<members).reversed().prefix(quorum)
    for node in signers.dropLast() {
      let note = try consortium.note(node, C.log(2))
      for _ in 0..<2 { #expect(certifier.receive(note, root: C.root(upTo: 2)).allSatisfy { !$0.isFinal }) }
    }
    let last = try consortium.note(signers.last ?? 0, C.log(2))
    #expect(certifier.receive(last, root: C.root(upTo: 2)).contains { $0.isFinal })
    #expect(certifier.final == C.log(2))
    #expect(certifier.receive(last, root: C.root(upTo: 2)) == [])
  }

  @Test func aCertificateConvincesANodeThatMissedEverything() throws {
    let consortium = try C()
    var one = consortium.certifier(entries: 2)
    var other = consortium.certifier(entries: 2)
    _ = try consortium.prepare(&one, [0, 1, 2], C.log(2))
    var certificate: Certificate?
    for node in 0..<3 {
      for case .certified(let found) in one.receive(try consortium.note(node, C.log(2)), root: C.root(upTo: 2)) {
        certificate = found
      }
    }
    let note = try #require(certificate?.note)
    #expect(other.receive(note, root: C.root(upTo: 2)).contains { $0.isFinal })
  }

  @Test func keepsCosignaturesOfALogThatItHasNotReached() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 1)
    for node in 1..<4 { #expect(certifier.receive(try consortium.note(node, C.log(3)), root: C.root(upTo: 1)) == []) }
    for size in UInt64(2)...3 {
      certifier.appended(size: size, time: C.start, directory: consortium.ledger.directory)
    }
    #expect(try consortium.prepare(&certifier, [1], C.log(3)).contains { $0.isFinal })
  }

  @Test func keepsCosignaturesOfACheckpointThatItHasNotMadeYet() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    _ = try consortium.prepare(&certifier, [0], C.log(2))
    for node in 1..<4 { #expect(certifier.receive(try consortium.note(node, C.log(3)), root: C.root(upTo: 3)) == []) }
    #expect(certifier.final != C.log(3))
    #expect(try consortium.prepare(&certifier, [1], C.log(3)).contains { $0.isFinal })
  }

  @Test func saysWhoIsWaitedFor() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    func missing() -> [String]? { certifier.missing?.members.map(\.description) }
    #expect(missing() == nil)
    _ = try consortium.prepare(&certifier, [0, 2], C.log(3))
    #expect(missing() == ["m1", "m3"])
    _ = try consortium.prepare(&certifier, [3], C.log(3))
    _ = certifier.receive(try consortium.note(0, C.log(3)), root: C.root(upTo: 3))
    #expect(missing() == ["m1", "m2", "m3"])
  }

  @Test func aContradictingCosignatureStopsIt() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    let lie = try consortium.note(3, C.log(2, history: 1))
    let actions = certifier.receive(lie, root: C.root(upTo: 3))
    guard case .stop(let divergence) = actions.first else { return #expect(Bool(false), "not stopped") }
    #expect(divergence.member == consortium.names[3])
    #expect(divergence.theirs == C.log(2, history: 1) && divergence.ours == C.log(2).root)
    #expect(certifier.receive(lie, root: C.root(upTo: 3)) == [])
    #expect(try consortium.prepare(&certifier, [0, 1, 2], C.log(3)) == [])
  }

  @Test func aContradictingMarkStopsIt() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    let mark = try consortium.verified(2, C.log(3, history: 1))
    let actions = certifier.counted(mark, checkpoint: C.log(3), root: C.root(upTo: 3))
    #expect(certifier.isStopped && actions.count == 1)
  }

  @Test func whatAnOperatorDismissedStopsNothing() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3, dismissed: [consortium.nodes[3].publicKey.id])
    #expect(certifier.receive(try consortium.note(3, C.log(2, history: 1)), root: C.root(upTo: 3)) == [])
    #expect(try consortium.prepare(&certifier, [0, 1, 2], C.log(3)).count == 1)
  }

  @Test func neverSignsBesideOrBelowItsPromise() throws {
    let consortium = try C()
    var beside = consortium.certifier(entries: 3, lastSigned: LastSigned(log: C.log(2, history: 1)))
    let actions = try consortium.prepare(&beside, [0, 1, 2], C.log(3))
    #expect(actions.contains { if case .stop(let divergence) = $0 { divergence.evidence == .promise } else { false } })
    #expect(beside.lastSigned.log == C.log(2, history: 1))
    var below = consortium.certifier(entries: 3, lastSigned: LastSigned(log: C.log(5)))
    #expect(try consortium.prepare(&below, [0, 1, 2], C.log(3)) == [])
    var closed = consortium.certifier(entries: 3, lastSigned: LastSigned(isClosed: true))
    #expect(try consortium.prepare(&closed, [0, 1, 2], C.log(3)) == [])
  }

  @Test func signsAgainAfterARestartAndRepeatsItselfAtRest() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3, lastSigned: LastSigned(log: C.log(3)))
    certifier.resumed(at: C.log(3))
    #expect(try consortium.prepare(&certifier, [0, 1, 2], C.log(3)) == [.cosign(LastSigned(log: C.log(3)))])
    let again = certifier.counted(
      try consortium.verified(0, C.log(3), number: 9), checkpoint: nil, root: C.root(upTo: 3))
    #expect(again == [.cosign(LastSigned(log: C.log(3)))])
  }

  @Test func junkDoesNothing() throws {
    let consortium = try C()
    var certifier = consortium.certifier(entries: 3)
    let good = try consortium.note(1, C.log(3))
    let stranger = try SmallConsortium().note(1, C.log(3))
    let swapped = try consortium.note(1, C.log(3), as: 2)
    for junk in [
      "", "\n", "x\n\n", good.replacing("m1", with: "m2"), good + good, stranger, swapped, String(good.dropLast(9)),
    ] {
      #expect(certifier.receive(junk, root: C.root(upTo: 3)) == [])
    }
    #expect(!certifier.isStopped && certifier.missing == nil)
  }

  @Test func knowsNothingAfterAnUnknownStretch() throws {
    let consortium = try C()
    var certifier = Certifier(
      origin: consortium.origin, ownKey: consortium.nodes[0].publicKey.id, lastSigned: LastSigned(), final: C.log(1))
    certifier.appended(size: 3, time: C.start, directory: consortium.ledger.directory)
    #expect(try consortium.prepare(&certifier, [0, 1, 2], C.log(3)) == [])
  }

  @Test func everySignerSetOfAStretchCounts() {
    let names = (0..<5).compactMap { MemberID("m\($0)") }
    let keys = (0..<5).compactMap { KeyID(Array(repeating: UInt8($0), count: 32)) }
    func signers(_ members: Range<Int>, _ quorum: Int) -> Signers {
      Signers(members: Dictionary(uniqueKeysWithValues: members.map { (keys[$0], names[$0]) }), quorum: quorum)
    }
    var history = SignerHistory()
    history.record(signers(0..<4, 3), at: 1)
    history.record(signers(0..<4, 3), at: 2)
    history.record(signers(1..<5, 3), at: 5)
    #expect(history.signers(from: 1, to: 4) == [signers(0..<4, 3)])
    #expect(history.signers(from: 4, to: 5) == [signers(0..<4, 3), signers(1..<5, 3)])
    #expect(history.signers(from: 5, to: 9) == [signers(1..<5, 3)])
    history.forget(before: 5)
    #expect(history.signers(from: 4, to: 5) == [])
  }
}

extension Certifier.Action {
  var isFinal: Bool { if case .certified = self { true } else { false } }
}
