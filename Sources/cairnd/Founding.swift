import Consortium
import Foundation
import GenesisFile
import Primitives
import Signing

/// What a data directory is made from.
struct Founding {
  let terms: GenesisFile
  let logKey: PrivateKey
  /// The one member's admin key, where the ledger is made here.
  let admin: PrivateKey?

  init(terms: GenesisFile, logKey: PrivateKey, admin: PrivateKey?) {
    self.terms = terms
    self.logKey = logKey
    self.admin = admin
  }

  /// Seconds that the founder's clock may be ahead of this one: a ledger's time never goes back.
  private static let clockTolerance: Int64 = 300

  /// Reads signed terms and the key of one of their nodes. A passphrase comes from CAIRN_PASSPHRASE.
  init(file: String, nodeKey: String, now: Instant) throws {
    terms = try Self.terms(file: file)
    logKey = try Self.key(file: nodeKey)
    admin = nil
    guard let key = try terms.ruled().registration(of: logKey.publicKey.id), key.roles.contains(.node) else {
      throw Failure(
        .preconditionFailed, "WRONG_LOG_KEY",
        "\(nodeKey) is key \(logKey.publicKey.id), which is none of the NODE keys in \(file)")
    }
    guard terms.createdAt.microseconds <= now.microseconds + Self.clockTolerance * 1_000_000 else {
      throw Failure(
        .preconditionFailed, "GENESIS_IN_FUTURE",
        "\(file) was created at \(terms.createdAt), and it is \(now) here: a ledger's time never goes back; wait, or set the "
          + "clock that is wrong")
    }
  }

  /// Reads signed terms.
  static func terms(file: String) throws(Failure) -> GenesisFile {
    let bytes = Array(try read(file, atMost: GenesisFile.maxByteCount))
    do { return try GenesisFile(yaml: bytes) } catch {
      throw Failure(error.kind, error.reason, "\(file): \(error.message)", violations: error.violations)
    }
  }

  /// Reads a private key. A passphrase comes from CAIRN_PASSPHRASE.
  static func key(file: String) throws(Failure) -> PrivateKey {
    let pem = String(decoding: try read(file, atMost: PrivateKey.maxPEMByteCount), as: UTF8.self)
    return try PrivateKey(pem: pem, passphrase: ProcessInfo.processInfo.environment["CAIRN_PASSPHRASE"])
  }

  private static func read(_ path: String, atMost limit: Int) throws(Failure) -> Data {
    guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: limit + 1) else {
      throw Failure(.notFound, "FILE_UNREADABLE", "cannot read \(path)")
    }
    guard data.count <= limit else {
      throw Failure(.malformed, "FILE_TOO_LARGE", "\(path) has more than \(limit) bytes")
    }
    return data
  }
}
