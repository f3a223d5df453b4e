import Consortium
import FoundationEssentials
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Bytes that a node's key is said to have signed beside checkpoints: marks, statements and places, each under a domain of its
/// own.
struct NodeSignature: Hashable, Sendable {
  /// What the signed bytes are.
  enum Domain: String, Sendable {
    case mark = "cairn/mark/v1"
    case statement = "cairn/statement/v1"
    case place = "cairn/place/v1"
  }

  /// The bytes that are signed.
  let bytes: Data
  /// The key that is said to have signed.
  let keyID: KeyID
  private let domain: Domain
  private let value: Data

  /// Signs with a node's key.
  init(_ domain: Domain, _ bytes: Data, by key: PrivateKey) throws(Failure) {
    self.domain = domain
    self.bytes = bytes
    keyID = key.publicKey.id
    value = Data(try key.sign(Self.message(domain, bytes)))
  }

  /// A signature from outside, not checked yet: Ed25519 with 64 bytes.
  init(_ domain: Domain, _ bytes: Data, keyID: Data, _ signature: Cairn_V1_Signature) throws(Failure) {
    self.domain = domain
    self.bytes = bytes
    self.keyID = try Field.keyID(keyID)
    guard signature.suite == .ed25519 else {
      throw .malformed("WRONG_SUITE", field: "signature.suite", "NODE keys sign with Ed25519")
    }
    guard signature.value.count == Suite.signatureByteCount else {
      throw .malformed(
        "SIGNATURE_SIZE", field: "signature.value",
        "\(signature.value.count) bytes; \(Suite.signatureByteCount) expected")
    }
    value = signature.value
  }

  /// The signature as a message.
  var wire: Cairn_V1_Signature {
    .with {
      $0.suite = .ed25519
      $0.value = value
    }
  }

  /// The registered NODE key, in force or not, that made the signature; WRONG_ROLE, UNKNOWN_KEY or INVALID_SIGNATURE.
  func verified(by directory: Directory) throws(Failure) -> AuthorKey {
    let key = try directory.key(keyID)
    guard key.roles.contains(.node) else {
      throw Failure(.unauthenticated, "WRONG_ROLE", "key_id: \(keyID) is no NODE key")
    }
    guard key.publicKey.verifies(signature: value, over: Self.message(domain, bytes)) else {
      throw Failure(
        .unauthenticated, "INVALID_SIGNATURE",
        "signature.value: not key \(keyID)'s signature over \"\(domain.rawValue)\" || 0x00 || \(domain)")
    }
    return key
  }

  /// The bytes that the signature covers: the domain, a zero byte, the message.
  private static func message(_ domain: Domain, _ bytes: Data) -> Data {
    Data("\(domain.rawValue)\u{0}".utf8) + bytes
  }
}

/// Parsing of what a NODE key signed; every failure is malformed and names its field.
enum Field {
  static func digest(_ bytes: Data, _ field: String) throws(Failure) -> Digest {
    guard let digest = Digest(bytes) else {
      throw .malformed("MALFORMED_DIGEST", field: field, "\(bytes.count) bytes; 32 expected")
    }
    return digest
  }

  static func keyID(_ bytes: Data) throws(Failure) -> KeyID { KeyID(try digest(bytes, "key_id")) }

  /// A number from 1 to 2^63 - 1.
  static func count(_ value: UInt64, _ field: String) throws(Failure) -> UInt64 {
    guard (1...UInt64(Int64.max)).contains(value) else {
      throw .malformed("NUMBER_OUT_OF_RANGE", field: field, "\(value); 1 to 2^63 - 1 expected")
    }
    return value
  }

  /// The bytes that a signature covers.
  static func signed(_ bytes: Data, _ field: String) throws(Failure) -> Data {
    guard (1...EngineLimits.signedBytes).contains(bytes.count) else {
      throw .malformed("MESSAGE_SIZE", field: field, "\(bytes.count) bytes; 1 to \(EngineLimits.signedBytes) expected")
    }
    return bytes
  }
}
