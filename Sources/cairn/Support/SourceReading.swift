import Capture
import Primitives
import Terminal

/// Source files as they are read, and what is wrong with them.
struct SourceReading {
  private static let shownProblems = 20

  let audience: Audience
  private(set) var sources: [SourceFile] = []
  private var unreadable: [SourceProblem] = []

  /// Whether any event of any file is bad.
  var hasProblems: Bool { !unreadable.isEmpty || sources.contains { $0.problemCount > 0 } }

  private let noun: String

  /// Nothing is read yet; a record is called a `noun`.
  init(for audience: Audience, noun: String = "event") {
    self.audience = audience
    self.noun = noun
  }

  /// Reads and checks one file of events.
  mutating func read(_ path: String) {
    let audience = audience
    read(path) { bytes throws(Failure) in try SourceFile(name: path, bytes: bytes, audience: audience) }
  }

  /// Reads one file and has it checked.
  mutating func read(_ path: String, _ check: ([UInt8]) throws(Failure) -> SourceFile) {
    do throws(Failure) {
      sources.append(try check(try Files.read(path, limit: SourceFile.maxByteCount)))
    } catch {
      unreadable.append(SourceFile.problem(path, error))
    }
  }

  /// Says what is wrong, file by file, and what becomes of the rest of a file.
  func report(consequence: String) {
    for problem in unreadable { Console.messages.line("error: \("\(problem)".visible)") }
    for source in sources {
      for warning in source.warnings.prefix(Self.shownProblems) { Console.messages.line("warning: \(warning.visible)") }
      for problem in source.problems.prefix(Self.shownProblems) {
        Console.messages.line("error: \("\(problem)".visible)")
      }
      guard source.problemCount > 0 else { continue }
      let hidden = source.problemCount - Self.shownProblems
      if hidden > 0 { Console.messages.line("       … and \(hidden.grouped) more in \(source.name.visible)") }
      Console.messages.line(
        "\(source.name.visible): \(source.problemCount.grouped) of \(source.eventCount.counted(noun)) have errors; "
          + consequence)
    }
  }
}
