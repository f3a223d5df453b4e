package import Checkpoints
package import Primitives

/// A node's cosignature over a log, checked.
package struct VerifiedCosignature: Hashable, Sendable {
  /// What was signed.
  package let log: LogPoint
  /// The key that signed.
  package let key: KeyID
  /// Its line in a note.
  package let line: SignedNote.Signature
  /// The log signature that came with it, not checked; nil if there was none.
  package let logLine: SignedNote.Signature?

  /// A cosignature that the caller has checked.
  package init(log: LogPoint, key: KeyID, line: SignedNote.Signature, logLine: SignedNote.Signature?) {
    self.log = log
    self.key = key
    self.line = line
    self.logLine = logLine
  }
}
