import Foundation

/// The figures of consortia as a person reads them: Markdown.
struct ConsortiumReport {
  let figures: ConsortiumFigures

  var markdown: String {
    let machine = figures.machine
    let windows = figures.sizes.first?.measured.first?.windows.count ?? 0
    return """
      \(machine.processor), \(machine.cores) cores shared by all nodes, \(figures.engines) engine servers and the clients, \
      \(machine.memoryGibibytes) GiB, Linux \(machine.kernel), \(machine.fileSystem); \(machine.date), commit \
      \(machine.commit). Medians of \(windows) windows; latencies are p50 / p99.

      | nodes | batches of | FINAL events a second | the engine alone | ratio (wanted ≥ 0.5) | the engine and SQLite alone for each node | \
      ratio | ms to FINAL, under that load | one at a time | CPU an event: nodes, engine |
      |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
      \(figures.sizes.flatMap(Self.rows).joined(separator: "\n"))
      """
  }

  private static func rows(_ size: ConsortiumFigures.Size) -> [String] {
    size.measured.map { measured in
      let cells =
        [
          "\(size.members)", count(Double(measured.load.batchSize)), count(measured.rate), count(measured.engineRate),
          ratio(measured.rate, measured.engineRate),
        ] + limit(measured) + [
          latency(measured.latencies), latency(measured.single),
          String(format: "%.1f µs, %.1f µs", measured.nodeMicroseconds, measured.engineMicroseconds),
        ]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }

  private static func limit(_ measured: ConsortiumFigures.Measured) -> [String] {
    if measured.limitRates.isEmpty { return ["–", "–"] }
    return [count(measured.limitRate), ratio(measured.rate, measured.limitRate)]
  }

  private static func ratio(_ rate: Double, _ limit: Double) -> String { String(format: "%.2f", rate / max(limit, 1)) }

  private static func count(_ value: Double) -> String {
    Int(value.rounded()).formatted(.number.locale(Locale(identifier: "en_US")))
  }

  private static func latency(_ milliseconds: [Double]) -> String {
    let samples = Samples(milliseconds)
    return String(format: "%.0f / %.0f", samples.median, samples.percentile(99))
  }
}
