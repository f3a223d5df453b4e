import Consortium
import FoundationEssentials
import Primitives
import SeededRandom
import Signing
import Wire

/// A consortium to which random members make random changes, most of them sensible.
struct RandomHistory {
  private(set) var consortium: TestConsortium
  /// What stood before the first record at each position.
  private(set) var past: [(position: UInt64, time: Instant, directory: Directory)] = []
  /// What was refused, by reason.
  private(set) var refusals: [String: Int] = [:]
  private var random: SplitMix64
  private var names: [String]
  private var counter = 0
  private let expires: Bool

  /// With `expires`, keys have ends and time passes quickly.
  init(seed: UInt64, expires: Bool) throws {
    random = SplitMix64(seed: seed)
    self.expires = expires
    let members = 1 + random.number(below: 4)
    consortium = try TestConsortium(members: members, votes: UInt32(random.number(below: members + 1)))
    names = (1...members).flatMap { ["m\($0).admin", "m\($0).node"] }
    for index in 0..<100 {
      consortium.otherRecords[RecordPlace(position: UInt64(index) * 3 + 1, index: 0)] = Self.otherRecord(index)
    }
  }

  /// One attempt; gives its effect, or nil if it was refused.
  mutating func step() -> ConsortiumEffect? {
    if past.last?.position != consortium.next.position {
      past.append((consortium.next.position, consortium.now, consortium.directory))
    }
    let place = consortium.next
    let wire = change()
    let author = author()
    do throws(Failure) {
      let effect = try consortium.apply(try ConsortiumChange(wire), by: author)
      if random.once(in: 4) {
        consortium.next = RecordPlace(position: place.position, index: place.index + 1)
      } else {
        let skipped = random.once(in: 3) ? UInt64(random.number(below: 5)) : 0
        consortium.next = RecordPlace(position: place.position + 1 + skipped, index: 0)
        let step = expires ? TestConsortium.day : TestConsortium.hour
        consortium.now = consortium.now.adding(Int64(random.number(below: Int(step))))
      }
      return effect
    } catch {
      refusals[error.reason, default: 0] += 1
      return nil
    }
  }

  private mutating func author() -> KeyID {
    let directory = consortium.directory
    let admins = directory.keyIDs.filter { id in
      directory.keys[id].map { directory.effectiveRoles(of: $0, at: consortium.now).contains(.admin) } ?? false
    }
    return random.pick(random.once(in: 10) || admins.isEmpty ? directory.keyIDs : admins)
  }

  private mutating func change() -> Cairn_V1_ConsortiumRecord {
    var record = Cairn_V1_ConsortiumRecord()
    let open = consortium.directory.proposalIDs.filter { consortium.state(of: $0) == .open }
    switch random.number(below: 20) {
    case 0...2: record.registerKey = registration()
    case 3: record.revokeKey = revocation()
    case 4...5: record.rotateKey = rotation()
    case 6...16 where !open.isEmpty:
      record.vote = .on(random.once(in: 3) ? random.pick(open) : open[0], random.once(in: 5) ? .reject : .approve)
    case 17 where !open.isEmpty: record.withdraw.proposalID = Data(random.pick(open).bytes)
    default: record.propose = proposal()
    }
    return record
  }

  private mutating func proposal() -> Cairn_V1_Proposal {
    var proposal = Cairn_V1_Proposal()
    proposal.expiresAtMicroseconds =
      consortium.now.microseconds + Int64(1 + random.number(below: 60)) * TestConsortium.day
    switch random.number(below: 15) {
    case 0...1:
      let id = random.once(in: 4) ? member() : "m\(consortium.directory.memberIDs.count + 1)"
      proposal.addMember.member = .named(id, random.once(in: 3) ? [.admin, .device, .operator] : Role.allCases)
      proposal.addMember.keys = (0..<random.number(below: 4)).map { _ in registration(of: id) }
    case 2: proposal.suspendMember.memberID = member()
    case 3...4: proposal.reinstateMember.memberID = member()
    case 5: proposal.removeMember.memberID = member()
    case 6:
      proposal.changeRoles.memberID = member()
      proposal.changeRoles.roles = Role.allCases.filter { _ in !random.once(in: 4) }.map(\.wire)
    case 7...8: proposal.registerKey = registration()
    case 9: proposal.rotateKey = rotation()
    case 10: proposal.revokeKey = revocation()
    case 11:
      proposal.changeThresholds.votes = UInt32(random.number(below: 4))
      proposal.changeThresholds.quorum = UInt32(random.number(below: 4))
    case 12: proposal.pauseAuthor.keyID = keyID()
    case 13: proposal.resumeAuthor.keyID = keyID()
    default:
      let index = random.number(below: 100)
      proposal.redact.position = UInt64(index) * 3 + 1
      proposal.redact.recordID = Data(Self.otherRecord(random.once(in: 5) ? index + 1 : index).bytes)
    }
    return proposal
  }

  private mutating func member() -> String { random.pick(consortium.directory.memberIDs).description }

  private mutating func keyID() -> Data { Data(PublicKey.named(random.pick(names)).id.digest.bytes) }

  private mutating func registration(of owner: String? = nil) -> Cairn_V1_RegisterKey {
    counter += 1
    let owner = owner ?? member()
    let name = random.once(in: 10) ? random.pick(names) : "\(owner).k\(counter)"
    var key = Cairn_V1_RegisterKey.named(
      name, random.pick([[.device], [.device], [.device, .operator], [.admin], [.node], [.admin, .node], [.auditor]]))
    key.memberID = owner
    if expires, random.once(in: 2) { key.notAfterMicroseconds = end() }
    if expires, random.once(in: 5) { key.notBeforeMicroseconds = consortium.now.microseconds + TestConsortium.day }
    if !names.contains(name) { names.append(name) }
    return key
  }

  private mutating func rotation() -> Cairn_V1_RotateKey {
    counter += 1
    let old = random.pick(names)
    let name = "\(old.prefix { $0 != "." }).k\(counter)"
    names.append(name)
    let overlap = consortium.now.adding(Int64(random.number(below: 3)) * TestConsortium.day)
    var rotation = Cairn_V1_RotateKey.named(old, to: name, overlapUntil: overlap)
    if expires, random.once(in: 2) { rotation.notAfterMicroseconds = end() }
    return rotation
  }

  private mutating func revocation() -> Cairn_V1_RevokeKey {
    .named(random.pick(names), compromisedSince: random.once(in: 2) ? consortium.now : nil)
  }

  private mutating func end() -> Int64 {
    consortium.now.microseconds + Int64(random.number(below: 40)) * TestConsortium.day + TestConsortium.hour
  }

  private static func otherRecord(_ index: Int) -> Digest { SHA256.hash(Array("other \(index)".utf8)) }
}
