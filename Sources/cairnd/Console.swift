import Foundation

/// What a person reads: results on standard output, everything else on standard error.
enum Console {
  static func print(_ line: String) { write(line, to: .standardOutput) }

  static func error(_ line: String) { write(line, to: .standardError) }

  private static func write(_ line: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Whether a person is watching standard error.
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

  /// A count that a person watches grow; nothing where nobody watches.
  static func progress(_ what: String) -> (UInt64) -> Void {
    guard isTerminal else { return { _ in } }
    return { count in try? FileHandle.standardError.write(contentsOf: Data("\r\(what): \(count)".utf8)) }
  }

  /// A bar that a person watches grow, with who sends; nothing where nobody watches.
  static func bar(_ what: String) -> @Sendable (UInt64, UInt64, String) -> Void {
    guard isTerminal else { return { _, _, _ in } }
    return { done, total, from in
      let width = 30
      let filled = total == 0 ? 0 : Int(min(Double(done) / Double(total), 1) * Double(width))
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
      let line = "\r[\(bar)] \(done) of \(total) \(what), from \(from)"
      try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
  }

  /// Ends a line of progress.
  static func endProgress() { if isTerminal { error("") } }
}
