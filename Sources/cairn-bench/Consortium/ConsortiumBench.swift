import ArgumentParser
import Foundation

/// Measures whole consortia on this machine. `ops/bench --consortium` runs it.
struct ConsortiumBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consortium", abstract: "Measure consortia of several sizes beside what their engine alone does.")

  private static let limitRecords = 40_000

  @Option(help: "The script that starts and stops them.")
  var script: String

  @Option(help: "The program that measures SQLite alone (ops/storage-limit.c).")
  var storageLimit: String

  @Option(parsing: .upToNextOption, help: "Members of each consortium that is measured.")
  var members = [4, 1, 7]

  @Option(help: "Servers of the engine: 1, 3 or 5.")
  var engines = 3

  @Option(help: "How often everything is measured; the median counts.")
  var rounds = 5

  @Option(help: "Where to put them; the disk that is measured. Everything made there is removed.")
  var dir: String = FileManager.default.temporaryDirectory.path

  @Option(help: "Write all figures to this file as JSON.")
  var json: String?

  @Option(help: "The commit that is measured.")
  var commit = "unknown"

  func validate() throws {
    guard rounds > 0, !members.isEmpty else { throw ValidationError("--rounds and --members are positive numbers") }
  }

  func run() async throws {
    let directory = URL(filePath: dir)
    let records = directory.appending(path: "records")
    _ = try StorageLimit.prepare(records, count: Self.limitRecords)
    defer { try? FileManager.default.removeItem(at: records) }
    var figures = ConsortiumFigures(machine: Machine(directory: directory, commit: commit), engines: engines)
    for count in members {
      CairnBench.note("\(count) nodes, \(engines) engine servers, \(rounds) rounds")
      figures.sizes.append(try await measure(count, records, in: directory.appending(path: "consortium-\(count)")))
    }
    print(ConsortiumReport(figures: figures).markdown)
    if let json { try figures.write(to: URL(filePath: json)) }
  }

  private func measure(_ count: Int, _ records: URL, in directory: URL) async throws -> ConsortiumFigures.Size {
    let words = ["--dir", directory.path]
    defer { try? call(["down", "--remove"] + words) }
    try call(["up", "--no-sample", "--members", String(count), "--engines", String(engines)] + words)
    let site = try ConsortiumSite(directory)
    return try await Connection.with(try site.endpoints(ConsortiumSubject.lanes)) { connections in
      var subject = try await ConsortiumSubject(site, connections)
      return try await subject.measure(rounds: rounds) {
        StorageLimit(program: URL(filePath: storageLimit), records: records, count: $0)
      }
    }
  }

  private func call(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: script)
    process.arguments = arguments
    process.standardOutput = FileHandle.standardError
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError("\(script) \(arguments.joined(separator: " ")) failed")
    }
  }
}
