package import Primitives

extension Failure {
  /// What the command line says of it: what went wrong, what else did, and when to try again.
  package var lines: [String] {
    var lines = ["error: \(description.visible)"]
    lines += violations.dropFirst().map { "       \($0.field.visible): \($0.description.visible)" }
    if let wait = retryAfterMilliseconds {
      lines.append("       try again in " + (wait.isMultiple(of: 1_000) ? "\(wait / 1_000) s" : "\(wait) ms"))
    }
    return lines
  }
}
