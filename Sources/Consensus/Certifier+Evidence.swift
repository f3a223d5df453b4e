import Checkpoints
package import Consortium
package import Primitives
import Signing

extension Certifier {
  /// The certificate in a note that was kept: over a part of the log that `root` tells, every line in it a signature that
  /// holds, and a quorum of them under all directories since the certifier's final checkpoint; nil where it is none.
  package mutating func certificate(in note: String, root: (UInt64) -> Digest?) -> Certificate? {
    guard let kept = try? SignedNote(note), let checkpoint = try? Checkpoint(kept.text),
      root(checkpoint.size) == checkpoint.root, kept.signatures.allSatisfy({ holds($0, under: kept.text) })
    else { return nil }
    let log = LogPoint(size: checkpoint.size, root: checkpoint.root)
    resumed(at: log)
    for case .certified(let certificate) in receive(note, root: root) where certificate.log == log {
      return certificate
    }
    return nil
  }

  /// Whether a line is a node's signature as the log, or its cosignature, over that text.
  private func holds(_ line: SignedNote.Signature, under text: String) -> Bool {
    nodes.values.contains { node in
      if line.claims(node.log) { return node.log.publicKey.verifies(signature: line.bytes, over: Array(text.utf8)) }
      guard line.claims(node.cosigner) else { return false }
      return Cosignature(line.bytes)?.verifies(over: text, by: node.cosigner.publicKey) ?? false
    }
  }

  /// The contradiction in a text that was kept of one (`Divergence.evidenceText`), against the log that `root` tells; nil
  /// where it shows none. `directory` says whose the keys are.
  package mutating func contradiction(in evidence: String, directory: Directory, root: (UInt64) -> Digest?)
    -> Divergence?
  {
    let actions: [Action]
    if let mark = Divergence.mark(in: evidence) {
      guard let verified = try? mark.verified(by: directory) else { return nil }
      actions = counted(verified, checkpoint: nil, root: root)
    } else {
      actions = receive(evidence, root: root)
    }
    for case .stop(let divergence) in actions where divergence.evidenceText == evidence { return divergence }
    return nil
  }
}
