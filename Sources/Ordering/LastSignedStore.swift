package import Consensus
package import Foundation
package import Primitives
package import Store

/// A node's promise on a disk of its own choice, apart from the data directory, so that no backup of the one rolls the other
/// back. It outlives the node's keys.
package final class LastSignedStore: Sendable {
  private let register: DurableRegister

  /// Opens the promise in `directory`. It is made where there is none and the node never cosigned with `key`, as the ledger
  /// in `store` knows; where it did: preconditionFailed LAST_SIGNED_MISSING.
  package init(_ directory: URL, key: KeyID, store: Store) throws(Failure) {
    let file = Self.file(in: directory)
    let hasCosigned = try store.readNow { try $0.hasCosigned(with: key) }
    do { register = try DurableRegister(file, create: !hasCosigned) } catch {
      throw error.reason == "NO_REGISTER" ? Self.missing(file, key) : error
    }
    guard register.value == nil else { return }
    if hasCosigned { throw Self.missing(file, key) }
    // Who joins begins in the epoch in which the members are.
    let epoch = try store.readNow { try $0.enginePlace()?.epoch }
    try register.save(LastSigned(epoch: epoch ?? 1).serialized)
  }

  /// Where the promise is kept.
  package static func file(in directory: URL) -> URL { directory.appending(path: "last-signed") }

  /// The promise; corrupt where it cannot be read.
  package var promise: LastSigned {
    get throws(Failure) {
      guard let bytes = register.value else { throw Failure(.corrupt, "MALFORMED_LAST_SIGNED", "no promise was saved") }
      return try LastSigned(bytes)
    }
  }

  /// Keeps a promise; it is on disk when this returns.
  package func save(_ promise: LastSigned) throws(Failure) { try register.save(promise.serialized) }

  private static func missing(_ file: URL, _ key: KeyID) -> Failure {
    Failure(
      .preconditionFailed, "LAST_SIGNED_MISSING",
      "\(file.path) is missing, and this node has cosigned with key \(key): without it, it could contradict itself, so it "
        + "does not cosign. Put the file back from where it was; if it is lost, let the members rotate the node's key, which "
        + "then begins anew")
  }
}
