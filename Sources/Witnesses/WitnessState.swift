package import Checkpoints
package import Foundation
package import Primitives
import Signing
import Store
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What this node cosigned last for each log that it witnesses: one signed note a log, in a directory that no backup of the
/// data directory holds. A witness that forgets can be led to sign two histories.
package final class WitnessState: Sendable {
  private struct Memory {
    /// By origin.
    var latest: [String: Witness.Cosigned] = [:]
    /// Origins whose file may or may not have been written.
    var doubtful: Set<String> = []
  }

  private let folder: URL
  private let lock: DirectoryLock
  private let memory: Mutex<Memory>

  /// Opens the directory, or makes it where this key has never witnessed. Fails with WITNESS_STATE_LOST where it has and
  /// the directory is gone, WITNESS_STATE_DAMAGED, or DATA_DIRECTORY_LOCKED.
  package init(_ folder: URL, marker: URL, of witness: Witness) throws(Failure) {
    self.folder = folder
    try Self.begin(folder, marker: marker, key: witness.verifierKey.publicKey.id)
    lock = try DirectoryLock(DataDirectory(folder.path))
    memory = Mutex(Memory(latest: try Self.load(folder, witness)))
  }

  /// What was cosigned last for a log; nil if nothing was.
  package func latest(of origin: String) -> Witness.Cosigned? { memory.withLock { $0.latest[origin] } }

  /// The origins of which something was cosigned.
  package var origins: [String] { memory.withLock { $0.latest.keys.sorted() } }

  /// The note of the log whose origin has this SHA-256 in hexadecimal; nil if nothing was cosigned.
  package func latest(ofHash hash: String) -> Witness.Cosigned? {
    memory.withLock { memory in
      memory.latest.first { Self.name(of: $0.key) == hash }?.value
    }
  }

  /// Replaces what was cosigned last for `origin` by what `next` makes of it, on disk before this returns. One at a time;
  /// blocks. Fails as `next` does, or with unavailable WITNESS_STATE_NOT_WRITTEN until the next start.
  package func replace(
    _ origin: String, by next: (Witness.Cosigned?) throws(Failure) -> Witness.Cosigned
  ) throws(Failure) -> Witness.Cosigned {
    let result = memory.withLock { memory -> Result<Witness.Cosigned, Failure> in
      do throws(Failure) {
        guard !memory.doubtful.contains(origin) else {
          throw Failure(
            .unavailable, "WITNESS_STATE_NOT_WRITTEN",
            "what was cosigned last of '\(origin)' could not be written, so nothing more is before the next start")
        }
        let cosigned = try next(memory.latest[origin])
        memory.doubtful.insert(origin)
        do throws(Failure) { try Self.write(cosigned.note.description, to: folder, name: Self.name(of: origin)) } catch
        {
          throw Failure(.unavailable, "WITNESS_STATE_NOT_WRITTEN", error.message)
        }
        memory.doubtful.remove(origin)
        memory.latest[origin] = cosigned
        return .success(cosigned)
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func name(of origin: String) -> String { "\(SHA256.hash(Array(origin.utf8)))" }

  private static func begin(_ folder: URL, marker: URL, key: KeyID) throws(Failure) {
    let files = FileManager.default
    let began = (try? String(contentsOf: marker, encoding: .utf8))?.trimmingCharacters(in: .newlines)
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue {
      guard began != "\(key)" else { return }
    } else {
      guard began != "\(key)" else {
        throw Failure(
          .preconditionFailed, "WITNESS_STATE_LOST",
          "\(folder.path) is gone, which says what this node's key \(key) cosigned last as a witness; without it the node "
            + "could be led to cosign two histories. Put it back, or take the logs out of witness.yaml and let the members "
            + "vote for another NODE key")
      }
      guard mkdir(folder.path, 0o700) == 0 else { throw notWritten(folder, "mkdir") }
      try persist(folder.deletingLastPathComponent())
    }
    try write("\(key)\n", to: marker.deletingLastPathComponent(), name: marker.lastPathComponent)
  }

  private static func load(_ folder: URL, _ witness: Witness) throws(Failure) -> [String: Witness.Cosigned] {
    var latest: [String: Witness.Cosigned] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.utf8.count == 2 * Digest.byteCount {
      let file = folder.appending(path: name)
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw Failure(.corrupt, "WITNESS_STATE_DAMAGED", "\(file.path) cannot be read")
      }
      do throws(Failure) {
        let cosigned = try witness.restore(text)
        guard Self.name(of: cosigned.checkpoint.origin) == name else {
          throw Failure(.corrupt, "WITNESS_STATE_DAMAGED", "it is of another log than its name says")
        }
        latest[cosigned.checkpoint.origin] = cosigned
      } catch { throw Failure(error.kind, error.reason, "\(file.path): \(error.message)") }
    }
    return latest
  }

  /// Replaces a file in one step, and does not return before it and its name are on disk.
  private static func write(_ text: String, to folder: URL, name: String) throws(Failure) {
    let next = folder.appending(path: name + ".next")
    try? FileManager.default.removeItem(at: next)
    try DataDirectory.write(text, to: next, mode: 0o600)
    guard rename(next.path, folder.appending(path: name).path) == 0 else { throw notWritten(next, "rename") }
    try persist(folder)
  }

  private static func persist(_ folder: URL) throws(Failure) {
    let file = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(file) }
    guard file >= 0, fsync(file) == 0 else { throw notWritten(folder, "fsync") }
  }

  private static func notWritten(_ url: URL, _ step: String) -> Failure {
    Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "\(url.path): \(step): \(String(cString: strerror(errno)))")
  }
}
