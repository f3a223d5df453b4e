package import Primitives
import Signing

/// Who takes part and by which rules: the fold of every consortium record so far, which also remembers what it was at
/// every position before.
package struct Directory: Equatable, Sendable {
  /// A key that ends sooner than this does not keep the members able to govern the ledger.
  package static let lastingHours: Int64 = 24
  /// Open proposals in all.
  package static let maxOpenProposals = 1_000
  /// Open proposals of one member.
  package static let maxOpenProposalsPerMember = 100
  /// The furthest that a proposal's end may be from its ledger time.
  package static let maxProposalDays: Int64 = 90

  /// The ledger's name.
  package let name: String
  /// Every member there ever was.
  package private(set) var members: [MemberID: Member] = [:]
  /// Their ids, in the order they joined.
  package private(set) var memberIDs: [MemberID] = []
  /// Every key ever registered.
  package private(set) var keys: [KeyID: AuthorKey] = [:]
  /// Their ids, in order of registration.
  package private(set) var keyIDs: [KeyID] = []
  /// Every proposal ever made, by its record id.
  package private(set) var proposals: [Digest: ProposalCase] = [:]
  /// Their ids, in the order they were made.
  package private(set) var proposalIDs: [Digest] = []
  /// How many members decide, as they decided.
  package private(set) var thresholds: Timeline<Thresholds>
  /// Records that the members decided to erase.
  package private(set) var redactions: Set<RecordPlace> = []

  /// Each member's governing keys, in order of registration.
  private(set) var officers: [MemberID: [KeyID]] = [:]
  /// Records at which members, roles, thresholds or governing keys changed, ascending.
  private(set) var amendments: [RecordPlace] = [.genesis]
  /// Which proposal took effect at a record.
  private(set) var enacted: [RecordPlace: Digest] = [:]
  /// Proposals that were open when a proposal was last made, in order.
  private(set) var openProposals: [Digest] = []
  /// Positions of batches with consortium records, ascending.
  private(set) var governancePositions: [UInt64] = [0]
  private var lastPlace = RecordPlace.genesis
  private var lastTime: Instant

  /// The directory right after genesis, whose batch has that ledger time. Refuses terms with which the members could
  /// not govern the ledger from then on, as a later change would be refused.
  package init(_ genesis: GenesisTerms, at time: Instant) throws(Failure) {
    name = genesis.name
    thresholds = Timeline(genesis.thresholds, at: 0)
    lastTime = time
    var plan = Plan()
    for terms in genesis.members { add(terms, to: &plan, at: .genesis) }
    for registration in genesis.keys { try register(registration, in: &plan, at: .genesis, time: time) }
    try electorate(at: time, with: plan).requireSufficient(comparedWith: nil)
    commit(plan, at: .genesis)
  }

  /// The log position of the latest change; while it stays, so does everything else.
  package var revision: UInt64 { lastPlace.position }

  /// The key of that id, in force or not; unauthenticated UNKNOWN_KEY when it was never registered.
  package func key(_ id: KeyID) throws(Failure) -> AuthorKey {
    guard let key = keys[id] else {
      throw Failure(
        .unauthenticated, "UNKNOWN_KEY",
        "key \(id) is not registered in this ledger; its member's admin or the members register it first")
    }
    return key
  }

  /// How a key stands at that ledger time, as an entry at `position` finds it; by default as the next entry does.
  package func condition(of key: AuthorKey, at time: Instant, position: UInt64 = .max) -> KeyCondition {
    guard let member = members[key.memberID] else { return .memberRemoved(key.memberID) }
    return key.condition(under: member, at: time, position: position)
  }

  /// The key of that id, if it is in force at that ledger time; unauthenticated with the reason if it is not.
  @discardableResult
  package func requireInForce(_ id: KeyID, at time: Instant) throws(Failure) -> AuthorKey {
    let key = try key(id)
    try condition(of: key, at: time).requireInForce(id, at: time)
    return key
  }

  /// What a key may do at that ledger time: its roles as far as its member holds them, none while it is not in force.
  package func effectiveRoles(of key: AuthorKey, at time: Instant, position: UInt64 = .max) -> Roles {
    guard condition(of: key, at: time, position: position) == .inForce, let member = members[key.memberID] else {
      return []
    }
    return key.roles.intersection(member.roles.value(at: position))
  }

  /// Whether the key was in other hands at that ledger time, as far as is known by now.
  package func isCompromised(_ id: KeyID, at ledgerTime: Instant) -> Bool {
    guard let since = keys[id]?.revocation?.compromisedSince else { return false }
    return since <= ledgerTime
  }

  /// The keys that may sign checkpoints at that ledger time, in order of registration.
  package func nodeKeys(at time: Instant, position: UInt64 = .max) -> [AuthorKey] {
    memberIDs.flatMap { officers[$0] ?? [] }.compactMap { keys[$0] }
      .filter {
        $0.registeredBy.position < position
          && effectiveRoles(of: $0, at: time, position: position).contains(.node)
      }
      .sorted { $0.registeredBy < $1.registeredBy }
  }
}

extension Directory {
  /// Notes that the record at `place` is being applied; records are applied in the order of the log.
  mutating func advance(to place: RecordPlace, time: Instant) {
    if governancePositions.last != place.position { governancePositions.append(place.position) }
    lastPlace = place
    lastTime = time
  }

  /// Refuses a record that does not come after all the records applied before.
  func requireNext(_ place: RecordPlace, time: Instant) throws(Failure) {
    guard place > lastPlace, time >= lastTime else {
      throw Failure(
        .preconditionFailed, "OUT_OF_ORDER",
        "record \(place.index) of position \(place.position) at \(time) comes before what was applied already")
    }
  }

  /// Writes what a plan says.
  mutating func commit(_ plan: Plan, at place: RecordPlace) {
    for (id, member) in plan.members { members[id] = member }
    memberIDs += plan.newMembers
    for (id, key) in plan.keys { keys[id] = key }
    keyIDs += plan.newKeys
    for (member, ids) in plan.newOfficers { officers[member, default: []] += ids }
    if let changed = plan.thresholds { thresholds.record(changed, at: place.position) }
    if let redaction = plan.redaction { redactions.insert(redaction.place) }
    if plan.isConstitutional, amendments.last != place { amendments.append(place) }
  }

  /// Writes a proposal's case; `open` are the proposals that are open now, if that changed.
  mutating func record(_ proposalCase: ProposalCase, open: [Digest]? = nil) {
    if proposals.updateValue(proposalCase, forKey: proposalCase.id) == nil { proposalIDs.append(proposalCase.id) }
    if let open { openProposals = open }
    if case .accepted(let place, _) = proposalCase.outcome { enacted[place] = proposalCase.id }
  }
}
