import Signing
import Checkpoints
import Primitives

extension Certifier {
  /// The cosignatures in a note that nodes of this ledger made over its checkpoint; none of junk, and none that are counted
  /// already.
  func verified(_ text: String) -> [VerifiedCosignature] {
    guard let note = try? SignedNote(text), let checkpoint = try? Checkpoint(note.text),
      checkpoint.size > 0, note.text.utf8.elementsEqual(checkpoint.description.utf8),
      checkpoint.origin.utf8.elementsEqual(origin.utf8)
    else { return [] }
    let log = LogPoint(size: checkpoint.size, root: checkpoint.root)
    if settled.contains(log) { return [] }
    let logLine = note.signatures.first { $0.name.utf8.elementsEqual(origin.utf8) }
    var found: [VerifiedCosignature] = []
    for line in note.signatures {
      guard let node = nodes.values.first(where: { line.claims($0.cosigner) }),
        !found.contains(where: { $0.key == node.id })
      else { continue }
      if let counted = cosignatures[log.size]?[node.id] {
        if counted.log == log { found.append(counted) }
      } else if let cosignature = Cosignature(line.bytes),
        cosignature.verifies(over: note.text, by: node.cosigner.publicKey)
      {
        found.append(VerifiedCosignature(log: log, key: node.id, line: line, logLine: logLine))
      }
    }
    return found
  }

  /// The note over `log` with these cosignatures and one right log signature, if one came with them.
  func note(of log: LogPoint, _ cosignatures: [VerifiedCosignature]) -> String {
    guard let checkpoint = try? Checkpoint(origin: origin, size: log.size, root: log.root) else { return "" }
    let text = checkpoint.description
    let logLine = cosignatures.lazy.compactMap(\.logLine).first { line in
      nodes.values.contains {
        line.claims($0.log) && $0.log.publicKey.verifies(signature: line.bytes, over: Array(text.utf8))
      }
    }
    return SignedNote(text: text, signatures: (logLine.map { [$0] } ?? []) + cosignatures.map(\.line)).description
  }
}
