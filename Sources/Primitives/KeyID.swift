/// The identity of a public key: SHA-256 of its SubjectPublicKeyInfo in DER.
package struct KeyID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The hash itself.
  package let digest: Digest

  /// Names the key whose SubjectPublicKeyInfo hashes to `digest`.
  package init(_ digest: Digest) { self.digest = digest }

  /// Takes exactly 32 bytes; any other length gives nil.
  package init?(_ bytes: some Collection<UInt8>) {
    guard let digest = Digest(bytes) else { return nil }
    self.digest = digest
  }

  /// Lower-case hexadecimal, 64 characters.
  package var description: String { digest.description }

  package static func < (left: KeyID, right: KeyID) -> Bool { left.digest < right.digest }
}
