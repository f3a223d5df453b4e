import Checkpoints
package import Consortium
package import Primitives
import Signing

/// A NODE key as it appears in signed notes.
package struct CosignerNode: Sendable {
  /// The key.
  package let id: KeyID
  /// The member that answers for it.
  package let member: MemberID
  let cosigner: VerifierKey
  let log: VerifierKey

  /// The key of a node of the log `origin`; nil for a key that cannot sign notes, which no NODE key is.
  package init?(_ key: AuthorKey, origin: String) {
    guard
      let cosigner = try? VerifierKey(
        name: Self.name(origin: origin, member: key.memberID), kind: .cosignature, publicKey: key.publicKey),
      let log = try? VerifierKey(name: origin, kind: .note, publicKey: key.publicKey)
    else { return nil }
    id = key.id
    member = key.memberID
    self.cosigner = cosigner
    self.log = log
  }

  /// What a member's node is called where it cosigns: the log's origin, a slash, the member's id.
  package static func name(origin: String, member: MemberID) -> String { "\(origin)/\(member)" }
}
