import Consortium
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// What holds in every history, whatever the members try.
@Suite struct HistoryPropertyTests {
  static let seeds = Array(UInt64(1)...24)

  @Test(arguments: seeds) func aRefusalChangesNothing(seed: UInt64) throws {
    var history = try RandomHistory(seed: seed, expires: seed.isMultiple(of: 2))
    var refused = 0
    for _ in 0..<200 {
      let before = history.consortium.directory
      guard history.step() == nil else { continue }
      refused += 1
      #expect(history.consortium.directory == before, "seed \(seed)")
    }
    #expect(refused > 10)
  }

  @Test(arguments: seeds) func theSameRecordsMakeTheSameDirectory(seed: UInt64) throws {
    let history = try history(seed: seed, expires: seed.isMultiple(of: 2), steps: 200)
    let consortium = history.consortium
    #expect(try fold(consortium.log, of: consortium) == consortium.directory, "seed \(seed)")
  }

  @Test(arguments: seeds) func theMembersCanAlwaysDecide(seed: UInt64) throws {
    var history = try RandomHistory(seed: seed, expires: false)
    for step in 0..<150 {
      let before = history.consortium
      guard let effect = history.step(), effect.accepted != nil || step % 10 == 0 else { continue }
      var consortium = history.consortium
      let electorate = consortium.directory.electorate(at: consortium.now)
      #expect(electorate.voters >= electorate.votesNeeded, "seed \(seed)")
      #expect(electorate.nodes >= electorate.quorum, "seed \(seed)")
      #expect(electorate.quorum >= electorate.nodes * 2 / 3 + 1, "seed \(seed)")
      try Self.decideSomething(&consortium, seed: seed)
      if let id = effect.accepted, let proposal = consortium.directory.proposals[id] {
        #expect(try Self.supporters(of: proposal, in: history.consortium) >= Self.votesNeeded(before), "seed \(seed)")
      }
    }
  }

  @Test(arguments: seeds) func whatHeldAtAPositionIsRemembered(seed: UInt64) throws {
    let history = try history(seed: seed, expires: seed.isMultiple(of: 2), steps: 200)
    let now = history.consortium.directory
    for past in history.past {
      let then = past.directory
      #expect(
        now.electorate(at: past.time, position: past.position) == then.electorate(at: past.time), "seed \(seed)")
      #expect(
        now.nodeKeys(at: past.time, position: past.position).map(\.id) == then.nodeKeys(at: past.time).map(\.id))
      #expect(now.thresholds.value(at: past.position) == then.thresholds.latest)
      for id in now.keyIDs {
        guard let known = then.keys[id] else {
          #expect(throws: Failure.self) { try now.authority(of: id, at: past.position, time: past.time) }
          continue
        }
        let authority = try now.authority(of: id, at: past.position, time: past.time)
        #expect(authority.condition == then.condition(of: known, at: past.time), "seed \(seed)")
        #expect(authority.effectiveRoles == then.effectiveRoles(of: known, at: past.time), "seed \(seed)")
        #expect(authority.standing == then.members[known.memberID]?.standing.latest)
        #expect(authority.notAfter == known.notAfter.latest)
        #expect(authority.isPaused == known.pause.latest)
        #expect(authority.revocation == known.revocation)
      }
    }
  }

  @Test(arguments: seeds) func theSupportingRecordsAloneGiveAKeyTheSameAuthority(seed: UInt64) throws {
    let history = try history(seed: seed, expires: seed.isMultiple(of: 2), steps: 200)
    let consortium = history.consortium
    let all = consortium.directory
    for past in history.past.enumerated().filter({ $0.offset % 7 == 6 }).map(\.element) {
      for id in past.directory.keyIDs {
        let places = all.supportingRecords(of: id, before: past.position)
        #expect(places.first == .genesis)
        #expect(places == Set(places).sorted())
        let records = consortium.log.filter { places.contains($0.place) }
        #expect(records.count == places.count - 1)
        let part = try fold(records, of: consortium)
        let key = try past.directory.key(id)
        #expect(
          part.condition(of: try part.key(id), at: past.time) == past.directory.condition(of: key, at: past.time),
          "seed \(seed), position \(past.position), key \(key.label)")
        #expect(
          part.effectiveRoles(of: try part.key(id), at: past.time)
            == past.directory.effectiveRoles(of: key, at: past.time))
        #expect(part.electorate(at: past.time) == past.directory.electorate(at: past.time), "seed \(seed)")
        #expect(part.nodeKeys(at: past.time).map(\.id) == past.directory.nodeKeys(at: past.time).map(\.id))
      }
    }
  }

  @Test(arguments: seeds) func theEvidenceForARecordIsWithinTheRules(seed: UInt64) throws {
    let consortium = try history(seed: seed, expires: seed.isMultiple(of: 2), steps: 200).consortium
    for (index, entry) in consortium.log.enumerated() where index % 3 == 0 {
      let logSize = index.isMultiple(of: 2) ? consortium.next.position + 1 : entry.place.position + 10
      let places = consortium.directory.evidence(
        for: entry.place, by: entry.author, making: entry.change, logSize: logSize)
      #expect(places.first == .genesis)
      #expect(places.allSatisfy { $0.position < logSize })
      let records = consortium.log.filter { places.contains($0.place) || $0.place == entry.place }
      #expect(throws: Never.self, "seed \(seed), record \(entry.place)") { try fold(records, of: consortium) }
    }
  }

  @Test func theHistoriesAreWorthTesting() throws {
    var refusals: Set<String> = []
    var actions: Set<String> = []
    for seed in Self.seeds {
      let history = try history(seed: seed, expires: seed.isMultiple(of: 2), steps: 200)
      refusals.formUnion(history.refusals.keys)
      for proposal in history.consortium.directory.proposals.values where proposal.effectivePosition != nil {
        actions.insert(String("\(proposal.proposal.action)".prefix { $0 != "(" }))
      }
    }
    #expect(actions.count == 12, "\(actions)")
    #expect(
      refusals.isSuperset(of: [
        "LAST_ADMIN", "TOO_FEW_VOTERS", "TOO_FEW_NODES", "QUORUM_TOO_SMALL", "FOREIGN_MEMBER", "VOTES_NEEDED",
        "KEY_ALREADY_REGISTERED", "KEY_ALREADY_REVOKED", "ROLE_NOT_HELD", "ROLE_FORBIDS_RECORD", "MEMBER_ID_TAKEN",
        "FOREIGN_PROPOSAL", "WITHDRAW_INSTEAD", "UNKNOWN_RECORD",
      ]), "\(refusals.sorted())")
  }

  private func history(seed: UInt64, expires: Bool, steps: Int) throws -> RandomHistory {
    var history = try RandomHistory(seed: seed, expires: expires)
    for _ in 0..<steps { _ = history.step() }
    return history
  }

  /// What a verifier does: the records, in the order of the log, through the rules.
  private func fold(_ records: [TestConsortium.Entry], of consortium: TestConsortium) throws -> Directory {
    var directory = try Directory(consortium.terms, at: TestConsortium.start)
    for entry in records {
      _ = try directory.apply(
        entry.change, by: entry.author, record: entry.record, at: entry.place, time: entry.time
      ) { consortium.otherRecords[$0.place] == $0.recordID }
    }
    return directory
  }

  /// All voters together must be able to pass a proposal.
  private static func decideSomething(_ consortium: inout TestConsortium, seed: UInt64) throws {
    consortium.next = RecordPlace(position: consortium.next.position + 1, index: 0)
    let admins = voters(of: consortium.directory, at: consortium.now)
    var proposal = Cairn_V1_Proposal()
    proposal.changeThresholds = consortium.directory.thresholds.latest.wire
    proposal.expiresAtMicroseconds = consortium.now.microseconds + TestConsortium.day
    let change = try ConsortiumChange(.with { $0.propose = proposal })
    var accepted: Digest?
    for (index, admin) in admins.sorted(by: { $0.key.description < $1.key.description }).enumerated()
    where accepted == nil {
      accepted = try consortium.apply(index == 0 ? change : Self.vote(on: consortium), by: admin.value).accepted
    }
    #expect(accepted != nil, "seed \(seed)")
  }

  private static func vote(on consortium: TestConsortium) throws -> ConsortiumChange {
    let last = try #require(consortium.directory.proposalIDs.last)
    return try ConsortiumChange(.with { $0.vote = .on(last) })
  }

  /// An ADMIN key in force of each member that has one, counted the long way.
  private static func voters(of directory: Directory, at time: Instant) -> [MemberID: KeyID] {
    directory.keys.values.reduce(into: [:]) { voters, key in
      guard let member = directory.members[key.memberID], member.standing.latest == .active,
        key.roles.contains(.admin), member.roles.latest.contains(.admin), key.revocation == nil, !key.pause.latest,
        key.notBefore <= time, time < key.notAfter.latest ?? .latest
      else { return }
      voters[key.memberID] = key.id
    }
  }

  private static func votesNeeded(_ consortium: TestConsortium) -> Int {
    let stated = consortium.directory.thresholds.latest.votes
    return stated == 0 ? voters(of: consortium.directory, at: consortium.now).count / 2 + 1 : stated
  }

  /// Members whose latest vote is for the proposal, from the log itself.
  private static func supporters(of proposal: ProposalCase, in consortium: TestConsortium) throws -> Int {
    var choices: [MemberID: Choice] = [proposal.memberID: .approve]
    for entry in consortium.log {
      guard case .vote(let vote) = entry.change, vote.proposalID == proposal.id else { continue }
      choices[try consortium.directory.key(entry.author).memberID] = vote.choice
    }
    return choices.values.count { $0 == .approve }
  }
}
