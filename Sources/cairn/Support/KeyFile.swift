import Certificates
import Client
import FoundationEssentials
import Primitives
import Signing
import Terminal

/// Key files, as they lie on the disk.
enum KeyFile {
  /// Reads a private key; an encrypted one with CAIRN_PASSPHRASE or what is typed.
  static func privateKey(_ path: String) throws(Failure) -> PrivateKey {
    let pem = try text(path)
    if let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let permissions = attributes[.posixPermissions] as? Int, permissions & 0o077 != 0
    {
      Console.messages.line("warning: \(path.visible) can be read by others; chmod 600 it")
    }
    do { return try PrivateKey(pem: pem, passphrase: nil) } catch {
      guard error.reason == "PASSPHRASE_MISSING" else { throw named(path, error) }
    }
    let passphrase = try Passphrase.known(asking: "Passphrase of \(path.visible): ")
    do { return try PrivateKey(pem: pem, passphrase: passphrase) } catch { throw named(path, error) }
  }

  /// Reads a public key.
  static func publicKey(_ path: String) throws(Failure) -> PublicKey {
    let pem = try text(path)
    do { return try PublicKey(pem: pem) } catch { throw named(path, error) }
  }

  /// Writes both halves as `path` (0600) and `path.pub` (0644), and a client certificate where there can be one as
  /// `path.crt` (0644); fails with FILE_EXISTS rather than overwrite any.
  static func write(_ key: PrivateKey, to path: String, passphrase: String?) throws(Failure) {
    let pem = try key.pem(passphrase: passphrase)
    let contents = [key.publicKey.pem, try certificate(of: key)].compactMap { $0 }
    let files = publicFiles(of: key, at: path)
    for path in [path] + files where FileManager.default.fileExists(atPath: path) { throw Files.exists(path) }
    try Files.create(path, Array(pem.utf8), permissions: 0o600)
    for (file, content) in zip(files, contents) { try Files.create(file, Array(content.utf8), permissions: 0o644) }
  }

  /// The files beside a private key at `path` that everybody may read.
  static func publicFiles(of key: PrivateKey, at path: String) -> [String] {
    ClientCertificate.isPossible(for: key.publicKey.suite) ? [path + ".pub", path + ".crt"] : [path + ".pub"]
  }

  private static func certificate(of key: PrivateKey) throws(Failure) -> String? {
    guard ClientCertificate.isPossible(for: key.publicKey.suite) else { return nil }
    return try ClientCertificate.pem(for: key, now: .now, validDays: ClientCertificate.defaultDays)
  }

  private static func text(_ path: String) throws(Failure) -> String {
    String(decoding: try Files.read(path, limit: PrivateKey.maxPEMByteCount), as: UTF8.self)
  }

  private static func named(_ path: String, _ failure: Failure) -> Failure {
    var failure = failure
    failure.message = "\(path): \(failure.message)"
    return failure
  }
}
