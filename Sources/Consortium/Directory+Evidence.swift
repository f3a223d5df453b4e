package import Primitives

extension Directory {
  /// The records that show who could make the record at `place`, whose author is `author`, and that `change`, if it makes
  /// one, was within the rules. What came later is among them as far as it shows who may sign a checkpoint of `logSize`
  /// entries and whether the author's key was revoked. Folding exactly these, and the record, takes no rule's refusal.
  /// Ascending, genesis first, each once; the record itself is not among them.
  package func evidence(
    for place: RecordPlace, by author: KeyID, making change: ConsortiumChange?, logSize: UInt64
  ) -> [RecordPlace] {
    let end = RecordPlace(position: logSize, index: 0)
    var places = amendments.prefix { $0 < end } + history(of: author, before: place)
    places += ending(of: author, before: end)
    var votes: [RecordPlace] = []
    if let change {
      let subject = subject(of: change)
      if let subject {
        votes = [subject.place] + subject.supporters(before: place)
        // A vote that its member changed later must not count for longer than it did.
        let revision = keys[author].flatMap { subject.rejection(by: $0.memberID, after: place) }
        if let revision, revision < end { votes.append(revision) }
      }
      places += Self.keys(in: change, subject?.proposal).flatMap { history(of: $0, before: place) }
    }
    return Set(records(behind: places) + votes).subtracting([place]).sorted()
  }

  /// The same for many records that change nothing, given the latest place of each author. Ascending, genesis first, each
  /// once.
  package func evidence(ofEventsBy latest: [KeyID: RecordPlace], logSize: UInt64) -> [RecordPlace] {
    let end = RecordPlace(position: logSize, index: 0)
    let places = latest.flatMap { history(of: $0.key, before: $0.value) + ending(of: $0.key, before: end) }
    return records(behind: amendments.prefix { $0 < end } + places)
  }

  /// The records that made a key what it was for an entry at `position`, as evidence under a checkpoint of `logSize`
  /// entries; its end is among them though it came later. Ascending, genesis first, each once.
  package func evidence(of key: AuthorKey, at position: UInt64, logSize: UInt64) -> [RecordPlace] {
    let end = RecordPlace(position: logSize, index: 0)
    let history = history(of: key.id, before: RecordPlace(position: position, index: 0))
    return records(behind: amendments.prefix { $0 < end } + history + ending(of: key.id, before: end))
  }

  private func ending(of key: KeyID, before end: RecordPlace) -> [RecordPlace] {
    guard let place = keys[key]?.revocation?.place, place < end else { return [] }
    return [place]
  }

  /// The proposal that a change is about.
  private func subject(of change: ConsortiumChange) -> ProposalCase? {
    switch change {
    case .vote(let vote): proposals[vote.proposalID]
    case .withdraw(let id): proposals[id]
    case .genesis, .registerKey, .revokeKey, .rotateKey, .propose: nil
    }
  }

  /// The registered keys that a change names, or the proposal that it is about.
  private static func keys(in change: ConsortiumChange, _ subject: Proposal?) -> [KeyID] {
    switch change {
    case .revokeKey(let revocation): [revocation.keyID]
    case .rotateKey(let rotation): [rotation.keyID]
    case .propose(let proposal): proposal.action.namedKeys
    case .vote, .withdraw: subject?.action.namedKeys ?? []
    case .genesis, .registerKey: []
    }
  }
}

extension ProposedAction {
  /// The registered key that the action names, if it names one.
  fileprivate var namedKeys: [KeyID] {
    switch self {
    case .rotateKey(let rotation): [rotation.keyID]
    case .revokeKey(let revocation): [revocation.keyID]
    case .pauseAuthor(let id), .resumeAuthor(let id): [id]
    case .addMember, .suspendMember, .reinstateMember, .removeMember, .changeRoles, .registerKey, .changeThresholds,
      .redact:
      []
    }
  }
}

extension ProposalCase {
  /// The votes that counted when the record at `place` completed them; none if it did not.
  fileprivate func supporters(before place: RecordPlace) -> [RecordPlace] {
    guard case .accepted(place, let supporters) = outcome else { return [] }
    return supporters
  }
}
