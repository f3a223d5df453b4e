import Consortium
import Primitives

// What the door asks of the consortium's rules; nothing else in this room does.

extension Directory {
  /// The key of that id; refuses one that is unknown or not in force.
  func keyInForce(_ id: KeyID, at now: Instant) throws(Failure) -> AuthorKey {
    let key = try key(id)
    try key.requireValid(at: now)
    return key
  }

  /// What the key may do now.
  func roles(of key: AuthorKey, at now: Instant) -> Set<Role> { [key.role] }
}

extension AuthorKey {
  /// When the key ends by itself, if it does.
  var expiresAt: Instant? { notAfter }
}
