#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
package import Foundation
package import Primitives

/// Where a node keeps its files.
package struct DataDirectory: Sendable {
  /// The directory itself; mode 0700.
  package let url: URL

  /// Names a directory, which need not exist.
  package init(_ path: String) { url = URL(fileURLWithPath: path, isDirectory: true) }

  /// The ledger: the log, its records and what is derived from them.
  package var ledger: URL { url.appending(path: "ledger.db") }
  /// The item index: derived, may be deleted while no server runs.
  package var index: URL { url.appending(path: "index.db") }
  /// The members' subscriptions and their cursors: this node's own, and found in no other place. Mode 0600.
  package var subscriptions: URL { url.appending(path: "subscriptions.db") }
  /// The index of event hashes: derived, may be deleted while no server runs.
  package var hashes: URL { url.appending(path: "hashes.db") }
  /// Private keys, mode 0600.
  package var keys: URL { url.appending(path: "keys") }
  /// The node's log key, PKCS#8 PEM.
  package var logKey: URL { keys.appending(path: "log.pem") }
  /// The founding admin's key, PKCS#8 PEM.
  package var adminKey: URL { keys.appending(path: "admin.pem") }
  /// The server's certificate chain, PEM.
  package var certificate: URL { url.appending(path: "tls/cert.pem") }
  /// The certificate's private key, PEM, mode 0600.
  package var certificateKey: URL { url.appending(path: "tls/key.pem") }
  /// The C2SP policy that accepts this ledger's checkpoints.
  package var policy: URL { url.appending(path: "policy") }
  /// The terms on which the ledger was founded, as `cairn genesis` reads them.
  package var genesis: URL { url.appending(path: "genesis.yaml") }
  /// How the node takes part in its consortium; where there is none it is alone.
  package var consortium: URL { url.appending(path: "consortium.yaml") }
  /// Where the node keeps what it signed last, unless its consortium's file names another place: beside the data directory,
  /// so that no backup of that holds it.
  package var cosigner: URL {
    let name = url.standardizedFileURL.lastPathComponent
    return url.standardizedFileURL.deletingLastPathComponent().appending(
      path: "\(name).cosigner", directoryHint: .isDirectory)
  }
  /// Which logs this node witnesses and which witnesses it asks; there may be none.
  package var witnessFile: URL { url.appending(path: "witness.yaml") }
  /// The id of the key with which this node has begun to witness.
  package var witnessMarker: URL { url.appending(path: "witness.key-id") }
  /// The latest checkpoint with what witnesses signed below it.
  package var cosigned: URL { url.appending(path: "cosigned") }
  /// What this node cosigned last for other logs, unless its file says otherwise: beside this directory, since whoever puts
  /// a backup in this one's place must not make the node forget.
  package var witnessState: URL {
    url.deletingLastPathComponent().appending(path: url.lastPathComponent + ".witness", directoryHint: .isDirectory)
  }
  /// The `host:port` a running server listens on.
  package var address: URL { url.appending(path: "address") }

  /// Fails with NO_LEDGER where the directory is there and holds none. Changes nothing in it: `cairnd init` wants it empty.
  func requireLedger() throws(Failure) {
    let files = FileManager.default
    guard let found = try? files.contentsOfDirectory(atPath: url.path), !found.contains(ledger.lastPathComponent) else {
      return
    }
    let advice =
      if files.fileExists(atPath: logKey.path) {
        "has a node's keys and no ledger.db: the ledger is lost here. Put ledger.db back from a backup; a consortium's node may "
          + "fetch it from the other members' nodes instead: cairnd join \(url.path)"
      } else if found.isEmpty {
        "holds no ledger; make one with: cairnd init \(url.path)"
      } else {
        "is no node's data directory; name that, or make one where nothing is yet: cairnd init DIR"
      }
    throw Failure(.notFound, "NO_LEDGER", "\(url.path) \(advice)")
  }

  /// Makes sure that the names of the files written so far survive a power cut.
  package func persistNames() throws(Failure) {
    for folder in [keys, certificate.deletingLastPathComponent(), url]
    where FileManager.default.fileExists(atPath: folder.path) {
      let file = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      defer { close(file) }
      guard file >= 0, fsync(file) == 0 else {
        throw Failure(
          .preconditionFailed, "FILE_NOT_WRITTEN", "\(folder.path): fsync: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Writes a file that only its owner may read, and does not return before it is on disk. Never replaces a file.
  package static func writeSecret(_ text: String, to url: URL) throws(Failure) {
    try write(text, to: url, mode: 0o600)
  }

  /// Writes a file that anyone may read, and does not return before it is on disk. Never replaces a file.
  package static func write(_ text: String, to url: URL, mode: mode_t = 0o644) throws(Failure) {
    func failed(_ step: String) -> Failure {
      Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "\(url.path): \(step): \(String(cString: strerror(errno)))")
    }
    let file = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw failed("create") }
    defer { close(file) }
    var rest = ArraySlice(text.utf8)
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failed("write") }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else { throw failed("fsync") }
  }
}

/// Holds a data directory for one process: released when the process ends, however it ends.
package final class DirectoryLock: Sendable {
  private let file: Int32

  /// Takes the lock, or fails with DATA_DIRECTORY_LOCKED when another process has it.
  package init(_ directory: DataDirectory) throws(Failure) {
    let path = directory.url.appending(path: "lock").path
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw Failure(.notFound, "NO_DATA_DIRECTORY", "\(directory.url.path): \(String(cString: strerror(errno)))")
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(
        .preconditionFailed, "DATA_DIRECTORY_LOCKED",
        "\(directory.url.path) is in use by another cairnd; stop it first, or give this one a directory of its own")
    }
  }

  deinit { close(file) }
}
