package import Primitives
package import Signing

/// A statement that a checkpoint is the largest a cosigner had seen of its log at some time (cosignature/v1 of C2SP
/// tlog-cosignature).
package struct Cosignature: Hashable, Sendable {
  /// When it was made, in whole seconds of POSIX time, not after the year 9999.
  package let time: Instant
  private let signature: [UInt8]

  /// Reads a signature line's 72 bytes: seconds, big-endian, and the signature; nil for anything else.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 8 + Suite.signatureByteCount else { return nil }
    let seconds = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard seconds <= Instant.latest.microseconds / 1_000_000 else { return nil }
    time = Instant(microseconds: Int64(seconds) * 1_000_000)
    signature = Array(bytes.dropFirst(8))
  }

  /// Whether `key` made it over the note text `text`.
  package func verifies(over text: String, by key: PublicKey) -> Bool {
    key.verifies(signature: signature, over: Self.message(text, time))
  }

  /// The signature line over the note text `text`, made at `time`, whose fraction of a second is dropped.
  ///
  /// Fails with TIME_OUT_OF_RANGE before 1970 or after 9999.
  package static func make(over text: String, at time: Instant, by signer: Cosigner) throws(Failure)
    -> SignedNote.Signature
  {
    guard time.microseconds >= 0, time <= .latest else {
      throw Failure(.malformed, "TIME_OUT_OF_RANGE", "a cosignature's time lies between the years 1970 and 9999")
    }
    let signature = try signer.key.sign(message(text, time))
    let seconds = withUnsafeBytes(of: seconds(time).bigEndian, Array.init)
    return SignedNote.Signature(by: signer.verifierKey, bytes: seconds + signature)
  }

  private static func message(_ text: String, _ time: Instant) -> [UInt8] {
    Array("cosignature/v1\ntime \(seconds(time))\n\(text)".utf8)
  }

  private static func seconds(_ time: Instant) -> Int64 { time.microseconds / 1_000_000 }
}

/// A named key that cosigns. The signed message does not name the cosigner, so no two may share a key.
package struct Cosigner: Sendable {
  /// What others verify with.
  package let verifierKey: VerifierKey
  let key: PrivateKey

  /// Cosigns as `name`; fails with MALFORMED_KEY_NAME or UNSUPPORTED_KEY.
  package init(name: String, key: PrivateKey) throws(Failure) {
    verifierKey = try VerifierKey(name: name, kind: .cosignature, publicKey: key.publicKey)
    self.key = key
  }
}
