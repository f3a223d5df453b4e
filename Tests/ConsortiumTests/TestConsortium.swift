import Consortium
import FoundationEssentials
import Primitives
import SeededRandom
import Signing
import SwiftProtobuf
import Wire

/// A consortium in memory, and every record that it took in.
struct TestConsortium {
  /// A record as it stands in the log.
  struct Entry {
    let change: ConsortiumChange
    let author: KeyID
    let record: Digest
    let place: RecordPlace
    let time: Instant
  }

  private(set) var directory: Directory
  private(set) var log: [Entry] = []
  let terms: GenesisTerms
  /// The ledger time of the next record.
  var now = TestConsortium.start
  /// Where the next record stands.
  var next = RecordPlace(position: 1, index: 0)
  /// The records of other families, by place.
  var otherRecords: [RecordPlace: Digest] = [:]

  static let start = Instant(microseconds: 1_790_000_000_000_000)
  static let hour: Int64 = 3_600_000_000
  static let day = 24 * hour

  init(_ genesis: Cairn_V1_Genesis) throws {
    terms = try GenesisTerms(genesis)
    directory = try Directory(terms, at: Self.start)
  }

  /// Members m1, m2, … with all roles, each with an ADMIN key and a NODE key.
  init(members: Int, votes: UInt32 = 0, quorum: UInt32 = 0) throws {
    try self.init(.founding(members: members, votes: votes, quorum: quorum))
  }

  /// Applies a change as a batch of its own.
  @discardableResult
  mutating func apply(_ change: Cairn_V1_ConsortiumRecord, by author: String) throws -> ConsortiumEffect {
    try apply(ConsortiumChange(change), by: PublicKey.named(author).id)
  }

  /// Applies a change as a batch of its own; a refused one leaves everything as it was.
  @discardableResult
  mutating func apply(_ change: ConsortiumChange, by author: KeyID) throws(Failure) -> ConsortiumEffect {
    let record = SHA256.hash(Array("record \(next.position).\(next.index)".utf8))
    let effect = try directory.apply(change, by: author, record: record, at: next, time: now) {
      otherRecords[$0.place] == $0.recordID
    }
    log.append(Entry(change: change, author: author, record: record, place: next, time: now))
    next = RecordPlace(position: next.position + 1, index: 0)
    return effect
  }

  /// Proposes; gives the proposal's id.
  @discardableResult
  mutating func propose(
    by author: String = "m1.admin", expiresAfter: Int64 = 10 * day, _ fill: (inout Cairn_V1_Proposal) -> Void
  ) throws -> Digest {
    var proposal = Cairn_V1_Proposal()
    proposal.expiresAtMicroseconds = now.microseconds + expiresAfter
    fill(&proposal)
    try apply(.with { $0.propose = proposal }, by: author)
    guard let entry = log.last else { throw Failure(.bug, "NO_ENTRY", "nothing was recorded") }
    return entry.record
  }

  @discardableResult
  mutating func vote(
    _ choice: Cairn_V1_Choice = .approve, on proposal: Digest, by author: String
  ) throws -> ConsortiumEffect {
    try apply(.with { $0.vote = .on(proposal, choice) }, by: author)
  }

  /// Proposes as m1 and votes as the other members until it takes effect.
  @discardableResult
  mutating func pass(_ fill: (inout Cairn_V1_Proposal) -> Void) throws -> Digest {
    let id = try propose(fill)
    for member in 2...9 where directory.proposals[id]?.outcome == nil { try vote(on: id, by: "m\(member).admin") }
    return id
  }

  func state(of proposal: Digest) -> ProposalState? { directory.proposals[proposal]?.state(at: now) }

  func key(_ name: String) throws -> AuthorKey { try directory.key(PublicKey.named(name).id) }

  func condition(of name: String) throws -> KeyCondition { directory.condition(of: try key(name), at: now) }

  func roles(of name: String) throws -> Roles { directory.effectiveRoles(of: try key(name), at: now) }
}

extension PublicKey {
  /// The Ed25519 key that goes by that name in tests: its bytes are a hash, so nobody can sign with it.
  static func named(_ name: String) -> PublicKey {
    var attempt = 0
    while true {
      let raw = SHA256.hash(Array("\(name) \(attempt)".utf8)).bytes
      if let key = try? PublicKey(ed25519Raw: raw) { return key }
      attempt += 1
    }
  }
}

extension Cairn_V1_Genesis {
  /// Members m1, m2, … with all roles, each with an ADMIN key and a NODE key.
  static func founding(members: Int, votes: UInt32 = 0, quorum: UInt32 = 0) -> Cairn_V1_Genesis {
    var genesis = Cairn_V1_Genesis()
    genesis.name = "harbour"
    genesis.members = (1...members).map { .named("m\($0)") }
    genesis.keys = (1...members).flatMap {
      [Cairn_V1_RegisterKey.named("m\($0).admin", [.admin]), .named("m\($0).node", [.node])]
    }
    genesis.thresholds.votes = votes
    genesis.thresholds.quorum = quorum
    return genesis
  }
}

extension Cairn_V1_Member {
  static func named(_ id: String, _ roles: [Role] = Role.allCases) -> Cairn_V1_Member {
    var member = Cairn_V1_Member()
    member.id = id
    member.legalName = "\(id) AG"
    member.country = "CH"
    member.roles = roles.map(\.wire)
    return member
  }
}

extension Cairn_V1_RegisterKey {
  /// The key of that name, whose first part is the member's id.
  static func named(_ name: String, _ roles: [Role] = [.device]) -> Cairn_V1_RegisterKey {
    var key = Cairn_V1_RegisterKey()
    key.publicKey = Data(PublicKey.named(name).subjectPublicKeyInfo)
    key.memberID = String(name.prefix { $0 != "." })
    key.roles = roles.map(\.wire)
    key.label = name
    return key
  }
}

extension Cairn_V1_RevokeKey {
  static func named(_ name: String, compromisedSince: Instant? = nil) -> Cairn_V1_RevokeKey {
    .with {
      $0.keyID = Data(PublicKey.named(name).id.digest.bytes)
      $0.compromisedSinceMicroseconds = compromisedSince?.microseconds ?? 0
    }
  }
}

extension Cairn_V1_RotateKey {
  static func named(_ name: String, to successor: String, overlapUntil: Instant) -> Cairn_V1_RotateKey {
    .with {
      $0.keyID = Data(PublicKey.named(name).id.digest.bytes)
      $0.publicKey = Data(PublicKey.named(successor).subjectPublicKeyInfo)
      $0.overlapUntilMicroseconds = overlapUntil.microseconds
    }
  }
}

extension Cairn_V1_Vote {
  static func on(_ proposal: Digest, _ choice: Cairn_V1_Choice = .approve) -> Cairn_V1_Vote {
    .with {
      $0.proposalID = Data(proposal.bytes)
      $0.choice = choice
    }
  }
}

extension Instant {
  func adding(_ microseconds: Int64) -> Instant { Instant(microseconds: self.microseconds + microseconds) }
}

/// The reason with which `body` is refused; nil if it is not.
func refusal(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return (error as? Failure)?.reason ?? "\(error)" }
  return nil
}

extension SplitMix64 {
  /// True once in `times`.
  mutating func once(in times: Int) -> Bool { number(below: times) == 0 }

  /// One of the values, which are not empty.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[number(below: values.count)] }
}
