import ArgumentParser
import Foundation

/// Measures nodes end to end beside what the disk, SQLite or the engine alone can do. `ops/bench` runs it.
@main struct CairnBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn-bench", abstract: "Measure cairnd: rates, latencies, memory, CPU.",
    subcommands: [NodeBench.self, ConsortiumBench.self], defaultSubcommand: NodeBench.self)

  /// Says on standard error what is being done.
  static func note(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(("bench: " + text + "\n").utf8))
  }
}

/// Measures a node that is alone.
struct NodeBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "node", abstract: "Measure a node that is alone.")

  @Option(help: "Events in the ledger when it counts as full; 5,000,000 if not given, 1,000,000 with --quick.")
  var events: Int?

  @Flag(help: "Fill the ledger with 1,000,000 events instead of 5,000,000.")
  var quick = false

  @Option(help: "How often everything is measured; the median counts.")
  var rounds = 5

  @Option(help: "The server to measure.")
  var cairnd: String

  @Option(help: "The program that measures SQLite alone (ops/storage-limit.c).")
  var storageLimit: String

  @Option(help: "Where to put ledgers; the disk that is measured. Everything made there is removed.")
  var dir: String = FileManager.default.temporaryDirectory.path

  @Option(help: "Write all figures to this file as JSON.")
  var json: String?

  @Option(help: "The commit that is measured.")
  var commit = "unknown"

  func validate() throws {
    guard rounds > 0, events ?? 1 > 0 else { throw ValidationError("--rounds and --events are positive numbers") }
  }

  func run() async throws {
    let directory = URL(filePath: dir).appending(path: "cairn-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let benchmark = Benchmark(
      directory: directory, cairnd: URL(filePath: cairnd), storageLimit: URL(filePath: storageLimit), rounds: rounds)
    let figures = try await benchmark.run(
      events: events ?? (quick ? 1_000_000 : 5_000_000), on: Machine(directory: directory, commit: commit))
    print(Report(figures: figures).markdown)
    if let json { try figures.write(to: URL(filePath: json)) }
  }
}
