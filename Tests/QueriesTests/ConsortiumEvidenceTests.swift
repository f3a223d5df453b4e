import Checkpoints
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Queries
import Signing
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite struct ConsortiumEvidenceTests {
  @Test("evidence of every record holds, by policy and by the ledger's id alone", arguments: 1...4)
  func everyRecord(seed: Int) async throws {
    let council = try CouncilHistory(seed: UInt64(seed), steps: 100).council
    let policy = try Policy(council.policy)
    for position in 0..<council.logSize {
      for index in 0..<(try await council.recordCount(at: position)) {
        let evidence = try await council.evidence(position, index)
        for trust in [EvidenceVerifier.Trust.policy(policy), .ledger(council.ledgerID)] {
          let verified = try EvidenceVerifier.verify(evidence, trust: trust)
          let first = try #require(verified.records.first)
          #expect((first.position, first.index) == (position, index), "seed \(seed)")
          #expect(
            verified.isCompromised(first)
              == council.consortium.isCompromised(first.author.id, at: first.entry.ledgerTime), "seed \(seed)")
        }
      }
    }
  }

  @Test("the histories these tests rest on have all there is: votes, rotations, revocations, suspensions, refusals")
  func historiesAreLively() throws {
    let histories = try (1...4).map { try CouncilHistory(seed: UInt64($0), steps: 100) }
    let directories = histories.map(\.council.consortium)
    let keys = directories.flatMap(\.keys.values)
    #expect(keys.contains { $0.replaces != nil } && keys.contains { $0.revocation?.compromisedSince != nil })
    #expect(directories.flatMap(\.members.values).contains { $0.standing.latest != .active })
    let proposals = directories.flatMap(\.proposals.values)
    #expect(proposals.count { $0.effectivePosition != nil && $0.votes.count > 1 } > 3)
    #expect(Set(histories.flatMap(\.refusals.keys)).count > 3)
  }

  @Test("evidence under an old checkpoint knows nothing newer, and holds", arguments: 1...4)
  func oldCheckpoints(seed: Int) async throws {
    let council = try CouncilHistory(seed: UInt64(seed), steps: 60).council
    for size in stride(from: 1, through: council.logSize, by: 7) {
      for position in stride(from: 0, to: size, by: 3) {
        let evidence = try await council.evidence(position, 0, treeSize: size)
        let verified = try EvidenceVerifier.verify(evidence, trust: .ledger(council.ledgerID))
        #expect(verified.records.allSatisfy { $0.position < size }, "seed \(seed)")
      }
    }
  }

  @Test("a key's authority follows from its evidence alone, at any position", arguments: 1...4)
  func authority(seed: Int) async throws {
    let council = try CouncilHistory(seed: UInt64(seed), steps: 100).council
    for key in council.consortium.keys.values {
      for position in stride(from: key.registeredBy.position + 1, through: council.logSize, by: 11) {
        let answer = try await council.queries.getAuthority(
          .with {
            $0.keyID = Data(key.id.digest.bytes)
            $0.position = position
          })
        let verified = try EvidenceVerifier.verify(answer.evidence, trust: .ledger(council.ledgerID))
        let time = Instant(microseconds: answer.ledgerTimeMicroseconds)
        let proved = try verified.directory.authority(of: key.id, at: position, time: time)
        let known = try council.consortium.authority(of: key.id, at: position, time: time)
        #expect(proved.condition == known.condition, "seed \(seed), \(key.id) at \(position)")
        #expect(proved.effectiveRoles == known.effectiveRoles, "seed \(seed), \(key.id) at \(position)")
        #expect(
          verified.directory.electorate(at: time, position: position)
            == council.consortium.electorate(at: time, position: position), "seed \(seed), \(key.id) at \(position)")
        #expect(answer.key.inForce == (known.condition == .inForce))
        #expect(verified.records.first.map { RecordPlace(position: $0.position, index: $0.index) } == key.registeredBy)
      }
    }
  }

  @Test("evidence without any one of the records that show who could do that does not hold, or shows less")
  func nothingIsSpare() async throws {
    let council = try Council(members: 3)
    let device = try council.makeKey()
    let admin = try council.makeKey()
    try council.decide(.registerKey(.of(admin, "m2", [.admin])))
    try council.change(.registerKey(.of(device, "m2", [.device])), by: admin)
    let position = try council.record([try council.event()], by: device)
    let evidence = try await council.evidence(position, 0)
    // The event, its device's registration, two votes of three for the registrar, genesis.
    #expect(evidence.proofs.map(\.position) == [4, 3, 2, 1, 0])
    for left in 1..<evidence.proofs.count {
      var less = evidence
      less.proofs.remove(at: left)
      let failure = #expect(throws: Failure.self) {
        try EvidenceVerifier.verify(less, trust: .ledger(council.ledgerID))
      }
      #expect(failure?.metadata["step"] == "KEY_CHAIN")
    }
  }

  @Test("a later revocation is among the evidence, and says since when the key was in other hands")
  func compromise() async throws {
    let council = try Council(members: 1)
    let device = try council.makeKey()
    try council.change(.registerKey(.of(device, "m1", [.device])), by: council.admins[0])
    let before = try council.record([try council.event()], by: device)
    let since = council.now
    let after = try council.record([try council.event()], by: device)
    try council.change(
      .revokeKey(
        .with {
          $0.keyID = Data(device.publicKey.id.digest.bytes)
          $0.compromisedSinceMicroseconds = since.microseconds
        }), by: council.admins[0])
    for (position, isCompromised) in [(before, false), (after, true)] {
      let verified = try EvidenceVerifier.verify(
        try await council.evidence(position, 0), trust: .ledger(council.ledgerID))
      #expect(verified.isCompromised(verified.records[0]) == isCompromised)
      #expect(verified.records.contains { $0.position == 4 })
    }
  }

  @Test("a checkpoint signed by a node key that came after the record is accepted by the ledger's id alone")
  func newNodeKey() async throws {
    let council = try Council(members: 1)
    let device = try council.makeKey()
    let node = try council.makeKey()
    try council.change(.registerKey(.of(device, "m1", [.device])), by: council.admins[0])
    let position = try council.record([try council.event()], by: device)
    try council.decide(.registerKey(.of(node, "m1", [.node])))
    var evidence = try await council.evidence(position, 0)
    evidence.checkpoint = try council.checkpoint(by: node).note
    let verified = try EvidenceVerifier.verify(evidence, trust: .ledger(council.ledgerID))
    #expect(verified.directory.nodeKeys(at: council.now).contains { $0.id == node.publicKey.id })
    evidence.checkpoint = try council.checkpoint(by: device).note
    #expect(throws: Failure.self) { try EvidenceVerifier.verify(evidence, trust: .ledger(council.ledgerID)) }
  }

  @Test("too many records to show it all are refused in words")
  func tooMany() async throws {
    let council = try Council(members: 1)
    for _ in 0..<EvidenceVerifier.maxProofs / 128 {
      let records = try (0..<128).map { number in
        let thresholds = Cairn_V1_Thresholds.with { $0.votes = UInt32(number % 2) }
        return try council.consortiumRecord(.propose(council.proposal(.changeThresholds(thresholds))))
      }
      try council.record(records, by: council.admins[0])
    }
    let failure = await #expect(throws: Failure.self) { try await council.evidence(1, 0) }
    #expect(failure?.reason == "EVIDENCE_TOO_LARGE")
  }
}

extension Council {
  func evidence(_ position: UInt64, _ index: UInt32, treeSize: UInt64 = 0) async throws -> Cairn_V1_Evidence {
    try await queries.getEvidence(
      .with {
        $0.recordPosition.position = position
        $0.recordPosition.recordIndex = index
        $0.treeSize = treeSize
      }, by: .anyone
    ).evidence
  }

  func recordCount(at position: UInt64) async throws -> UInt32 {
    try await queries.getReceipt(.with { $0.position = position }, by: .anyone).receipt.recordCount
  }
}
