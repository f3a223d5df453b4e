import Checkpoints
package import Foundation
import Ledger
package import Logging
import Primitives
package import Queries
import Synchronization

/// The latest cosigned checkpoint in a file, so that it is there when the node starts and a witness is away. What is in it is
/// verified again; the file may be deleted at any time.
package final class KeptCosignatures: Sendable {
  private let file: URL
  private let logger: Logger
  private let written = Mutex("")

  /// Keeps them in `file`.
  package init(_ file: URL, logger: Logger) {
    self.file = file
    self.logger = logger
  }

  /// Writes the checkpoint that most can be said of, if it has changed.
  package func keep(_ cosignatures: Cosignatures) {
    guard let note = (cosignatures.complete ?? cosignatures.largest)?.note else { return }
    written.withLock { written in
      guard note != written else { return }
      do {
        try Data(note.utf8).write(to: file, options: .atomic)
        written = note
      } catch { logger.warning("\(file.path) could not be written: \(error)") }
    }
  }

  /// Publishes what the file holds, as far as it is of the log that `queries` answers from.
  package func restore(to cosignatures: Cosignatures, of queries: Queries) async {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return }
    do throws(Failure) {
      let note = try SignedNote(text)
      let own = try await queries.checkpoint(size: try Checkpoint(note.text).size)
      guard own.note.hasPrefix(note.text + "\n") else {
        throw Failure(
          .corrupt, "COSIGNED_ELSEWHERE", "it is of another history than this log's: keep it, and find out why")
      }
      for witness in cosignatures.witnesses {
        guard let signature = note.signatures.first(where: { $0.claims(witness.key) }) else { continue }
        guard Cosignature(signature.bytes)?.verifies(over: note.text, by: witness.key.publicKey) == true else {
          continue
        }
        cosignatures.add(signature, of: witness, to: own)
      }
    } catch { logger.error("\(file.path): \(error)") }
  }
}
