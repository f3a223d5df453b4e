import ArgumentParser
import Foundation
import Simulation
import Synchronization

/// Runs seeds of the simulation on every core until one of them goes wrong.
@main
struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn-simulate",
    abstract: "Runs the consortium's rules in a simulated, faulty world, a run for every seed.")

  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 1_000

  @Option(help: "The first seed.")
  var from: UInt64 = 1

  @Option(help: "Founding members, 1 to 13; by default 4, 5 and 7 in turn.")
  var members: Int?

  @Option(help: "Steps with faults in each run.")
  var steps: Int = 250

  @Option(help: "Break a rule on purpose: \(Mutation.allCases.map(\.rawValue).joined(separator: ", ")).")
  var broken: String?

  @Flag(help: "Have the members change at once, under an engine and members that lie, and little else happen.")
  var hasty = false

  @Flag(help: "Print what happens in every run.")
  var trace = false

  func run() async throws {
    let mutation = try broken.map { name in
      guard let mutation = Mutation(rawValue: name) else { throw ValidationError("no rule is called \(name)") }
      return mutation
    }
    if let members, !(1...13).contains(members) { throw ValidationError("1 to 13 members expected") }
    let casts = try (members.map { [$0] } ?? [4, 5, 7]).map { try Cast(founders: $0) }
    let options = Options(mutation: mutation, steps: steps, traces: trace, isHasty: hasty)
    let work = Work(from: from, to: from + seeds)
    let began = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
        group.addTask {
          while let seed = work.next() {
            var simulation = Simulation(cast: casts[Int(seed % UInt64(casts.count))], seed: seed, options: options)
            let report = simulation.run()
            work.add(report)
            if options.traces { print(report.trace.joined(separator: "\n")) }
          }
        }
      }
    }
    try tell(work.done, casts, options, took: ContinuousClock.now - began)
  }

  private func tell(_ totals: Totals, _ casts: [Cast], _ options: Options, took: Duration) throws {
    print(
      """
      \(totals.runs) runs in \(took.components.seconds) s: \(totals.certificates) checkpoints FINAL, \
      \(totals.recoveries) epochs recovered, \(totals.stops) contradictions met, \
      \(totals.converged) runs had to end alike and did
      """)
    guard let failed = totals.failed.min(by: { $0.seed < $1.seed }) else { return }
    var options = options
    options.traces = true
    var again = Simulation(cast: casts[Int(failed.seed % UInt64(casts.count))], seed: failed.seed, options: options)
    print(again.run().trace.joined(separator: "\n"))
    print("seed \(failed.seed): \(failed.violation ?? "")")
    throw ExitCode.failure
  }
}

/// What all seeds together did.
private struct Totals: Sendable {
  var runs: UInt64 = 0
  var converged: UInt64 = 0
  var certificates = 0
  var recoveries = 0
  var stops = 0
  var failed: [Report] = []
}

/// The seeds, handed out to whoever is free until one has failed.
private final class Work: Sendable {
  private let state: Mutex<(next: UInt64, totals: Totals)>
  private let end: UInt64

  init(from start: UInt64, to end: UInt64) {
    state = Mutex((start, Totals()))
    self.end = end
  }

  var done: Totals { state.withLock { $0.totals } }

  func next() -> UInt64? {
    state.withLock { state in
      guard state.next < end, state.totals.failed.isEmpty else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func add(_ report: Report) {
    state.withLock { state in
      state.totals.runs += 1
      state.totals.converged += report.converged ? 1 : 0
      state.totals.certificates += report.certificates
      state.totals.recoveries += report.recoveries
      state.totals.stops += report.stops
      if report.violation != nil { state.totals.failed.append(report) }
    }
  }
}
