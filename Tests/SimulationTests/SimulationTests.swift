import Simulation
import Testing

/// The consortium's rules in a faulty world. `ops/test` runs thousands of seeds by `ops/simulate`, which runs millions if
/// asked to; a seed that fails is run again with
/// `cairn-simulate --from SEED --seeds 1 --trace --members N`.
@Suite struct SimulationTests {
  /// Runs seeds on several cores until one goes wrong; gives the first that did.
  private func firstViolation(
    founders: Int, seeds: Range<UInt64>, mutation: Mutation? = nil, isHasty: Bool = false
  ) async throws -> (failed: Report?, all: [Report]) {
    let cast = try Cast(founders: founders)
    let width: UInt64 = 2
    let reports = await withTaskGroup(of: [Report].self) { group in
      for lane in 0..<width {
        group.addTask {
          var reports: [Report] = []
          for seed in stride(from: seeds.lowerBound + lane, to: seeds.upperBound, by: Int(width)) {
            var simulation = Simulation(cast: cast, seed: seed, options: Options(mutation: mutation, isHasty: isHasty))
            reports.append(simulation.run())
            if reports.last?.violation != nil { break }
          }
          return reports
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    return (reports.filter { $0.violation != nil }.min { $0.seed < $1.seed }, reports)
  }

  @Test(arguments: [(4, 1..<101), (7, 5_001..<5_021)] as [(Int, Range<UInt64>)])
  func nothingFinalIsEverContradictedOrLost(founders: Int, seeds: Range<UInt64>) async throws {
    let (failed, all) = try await firstViolation(founders: founders, seeds: seeds)
    if let failed {
      var again = Simulation(
        cast: try Cast(founders: founders), seed: failed.seed, options: Options(traces: true))
      print(again.run().trace.joined(separator: "\n"))
    }
    #expect(failed == nil, "seed \(failed?.seed ?? 0) of \(founders) members: \(failed?.violation ?? "")")
    // A simulation in which nothing happens finds nothing.
    #expect(all.reduce(0) { $0 + $1.certificates } > all.count)
    #expect(all.reduce(0) { $0 + $1.recoveries } > all.count / 10)
    #expect(all.count(where: \.converged) > all.count / 3)
    #expect(all.contains { $0.stops > 0 })
  }

  /// The runs that show a change of members which steps over those before it show nothing while the rule holds.
  @Test func aHastyChangeOfMembersContradictsNothing() async throws {
    let (failed, all) = try await firstViolation(founders: 4, seeds: 1..<301, isHasty: true)
    #expect(failed == nil, "seed \(failed?.seed ?? 0): \(failed?.violation ?? "")")
    #expect(all.reduce(0) { $0 + $1.certificates } > all.count)
  }

  @Test func aSeedIsOneRun() throws {
    let cast = try Cast(founders: 4)
    for seed in UInt64(1)...5 {
      var one = Simulation(cast: cast, seed: seed, options: Options(traces: true))
      var other = Simulation(cast: try Cast(founders: 4), seed: seed, options: Options(traces: true))
      #expect(one.run().trace == other.run().trace)
    }
  }

  @Test(arguments: Mutation.allCases) func aBrokenRuleIsNoticed(mutation: Mutation) async throws {
    let (failed, _) = try await firstViolation(founders: 4, seeds: 1..<mutation.seeds, mutation: mutation)
    #expect(failed != nil, "\(mutation) went unnoticed in \(mutation.seeds) seeds")
  }
}

extension Mutation {
  /// How many seeds it takes at most, with a margin.
  fileprivate var seeds: UInt64 { 1_000 }
}
