package import Primitives
package import Signing

/// Who may author what, as of one log position: the fold of every consortium record before it.
package struct Directory: Sendable {
  /// Most registrations between genesis and a key: all of them are part of every evidence of what the key signs.
  package static let maxDepth = 32

  /// The ledger's name.
  package let name: String
  /// The node's log key.
  package let logKey: PublicKey
  /// Every key ever registered.
  package private(set) var keys: [KeyID: AuthorKey]
  /// Counts the changes applied since this process read the directory; while it stays, so does everything else.
  package private(set) var revision: UInt64 = 0

  /// The directory right after genesis.
  package init(_ genesis: GenesisTerms) {
    name = genesis.name
    logKey = genesis.logKey
    let admin = AuthorKey(genesis.admin, registeredBy: RecordPlace(position: 0, index: 0), depth: 0)
    keys = [admin.publicKey.id: admin]
  }

  /// The directory as it was saved.
  package init(name: String, logKey: PublicKey, keys: [AuthorKey]) {
    self.name = name
    self.logKey = logKey
    self.keys = Dictionary(keys.map { ($0.publicKey.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The key of that id, in force or not; unauthenticated UNKNOWN_KEY when it was never registered.
  package func key(_ id: KeyID) throws(Failure) -> AuthorKey {
    guard let key = keys[id] else {
      throw Failure(
        .unauthenticated, "UNKNOWN_KEY",
        "key \(id) is not registered in this ledger; an admin registers it with a register_key record")
    }
    return key
  }

  /// Applies one change that `author` made at `place`; returns the id of the key that changed.
  package mutating func apply(
    _ change: ConsortiumChange, by author: KeyID, at place: RecordPlace
  ) throws(Failure) -> KeyID {
    revision += 1
    switch change {
    case .genesis:
      throw Failure(.preconditionFailed, "GENESIS_NOT_FIRST", "a genesis record stands at log position 0 only")
    case .registerKey(let registration):
      return try register(registration, depth: try key(author).depth + 1, at: place)
    case .revokeKey(let id):
      return try revoke(id, at: place)
    }
  }

  private mutating func register(
    _ registration: KeyRegistration, depth: Int, at place: RecordPlace
  ) throws(Failure) -> KeyID {
    let id = registration.publicKey.id
    if let known = keys[id] {
      throw Failure(
        .alreadyExists, "KEY_ALREADY_REGISTERED",
        "key \(id) was registered at log position \(known.registeredBy.position); a key is registered once")
    }
    guard depth <= Self.maxDepth else {
      throw Failure(
        .preconditionFailed, "KEY_CHAIN_TOO_LONG",
        "key \(id) would be \(depth) registrations from genesis; at most \(Self.maxDepth): let an earlier admin register it"
      )
    }
    keys[id] = AuthorKey(registration, registeredBy: place, depth: depth)
    return id
  }

  private mutating func revoke(_ id: KeyID, at place: RecordPlace) throws(Failure) -> KeyID {
    guard var known = keys[id] else {
      throw Failure(.notFound, "UNKNOWN_KEY", "key \(id) is not registered in this ledger")
    }
    if let position = known.revokedAt {
      throw Failure(.alreadyExists, "KEY_ALREADY_REVOKED", "key \(id) was revoked at log position \(position)")
    }
    guard known.role != .admin || hasLastingAdmin(besides: id) else {
      throw Failure(
        .preconditionFailed, "LAST_ADMIN",
        "key \(id) is the last admin key in force that does not expire; register another one first")
    }
    known.revokedAt = place.position
    keys[id] = known
    return id
  }

  private func hasLastingAdmin(besides id: KeyID) -> Bool {
    keys.values.contains { $0.role == .admin && $0.revokedAt == nil && $0.notAfter == nil && $0.publicKey.id != id }
  }
}
