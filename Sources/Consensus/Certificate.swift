package import Primitives

/// A checkpoint with the cosignatures of a quorum: FINAL.
package struct Certificate: Hashable, Sendable {
  /// What is final.
  package let log: LogPoint
  /// The members that cosigned, in order of their names.
  package let members: [MemberID]
  /// The signed note: a node's log signature, and a cosignature for every member that counts.
  package let note: String
}
