import Foundation

/// The figures as a person reads them: Markdown.
struct Report {
  let figures: Figures

  var markdown: String {
    [heading, rates, ratios, latencies, resources].joined(separator: "\n\n")
  }

  private var limit: Double { Samples(figures.storageLimit).median }

  private var heading: String {
    let machine = figures.machine
    return """
      \(machine.processor), \(machine.cores) cores shared by server and client, \(machine.memoryGibibytes) GiB, Linux \
      \(machine.kernel), \(machine.fileSystem); \(machine.date), commit \(machine.commit). Records of \
      \(figures.recordBytes) bytes on average; medians of \(figures.storageLimit.count) windows.
      """
  }

  private var rates: String {
    var rows = [
      "| events a second, durable and anchored | empty ledger | \(Self.count(figures.events)) events |",
      "|---|--:|--:|",
      "| (a) SQLite alone, 1,000 rows a transaction | \(Self.count(limit)) | – |",
    ]
    rows += Load.all.map { load in
      "| (b) \(Self.name(load)) | \(Self.count(figures[empty: load])) | \(Self.count(figures[full: load])) |"
    }
    return rows.joined(separator: "\n")
  }

  private var ratios: String {
    let full = figures[full: .stream1000]
    return """
      | ratio | measured | wanted |
      |---|--:|--:|
      | b/a, streams of 1,000-event batches, \(Self.count(figures.events)) events | \(Self.ratio(full, limit)) | ≥ 0.35 |
      | the same at \(Self.count(figures.events)) events / empty | \(Self.ratio(full, figures[empty: .stream1000])) | ≥ 0.80 |
      | 100-event batches / 1,000-event batches | \(Self.ratio(figures[full: .stream100], full)) | ≥ 0.50 |
      """ + enrolment + audience
  }

  private var audience: String {
    guard let audience = figures.audience else { return "" }
    let count = Self.count(audience.subscriptions)
    return "\n| \(count) connected subscriptions / none | \(String(format: "%.2f", audience.ratio)) | ≥ 0.90 |"
  }

  private var enrolment: String {
    guard let enrolment = figures.enrolment else { return "" }
    let keys = Self.count(enrolment.keys)
    return """

      | \(keys) keys writing / \(Subject.keyCount) keys writing | \(String(format: "%.2f", enrolment.ratio)) | ≥ 0.90 |
      | enrolment of \(keys) keys in one batch | \(String(format: "%.2f s", enrolment.seconds)) | < 60 s |
      """
  }

  /// Rounded to two digits, for a ledger has a little more in it than was meant.
  private var latencies: String {
    let columns = figures.answers
    let sizes = columns.map { " \(Self.size($0.events)) |" }.joined()
    let rows = Figures.Question.allCases.map { question in
      "| \(question.name) |" + columns.map { Self.cell($0.latencies[question]?.server) }.joined()
        + Self.cell(columns.last?.latencies[question]?.client) + " \(question.aim) |"
    }
    return """
      | p50 / p99 in the server, ms; events: |\(sizes) in the client | wanted |
      |---|\(String(repeating: "--:|", count: columns.count + 2))
      \(rows.joined(separator: "\n"))
      """
  }

  private var resources: String {
    var rows = ["| server | measured | wanted |", "|---|--:|--:|"]
    if let fill = figures.fill {
      rows.append(
        "| CPU an event while filling, index merges included | \(Self.microseconds(fill.serverMicroseconds)) | |")
    }
    rows += figures.full.map { measured in
      "| CPU an event, \(Self.name(measured.load)) (client) | \(Self.microseconds(measured.serverMicroseconds)) "
        + "(\(Self.microseconds(measured.clientMicroseconds))) | |"
    }
    if let memory = figures.memory {
      rows.append(
        "| memory: peak (now; of that its own, mapped files) | \(Self.mebibytes(memory.peak)) "
          + "(\(Self.mebibytes(memory.resident)); \(Self.mebibytes(memory.anonymous)), \(Self.mebibytes(memory.file))) "
          + "| < 400 MB |")
    }
    rows.append("| disk an event | \(figures.diskBytesPerEvent) bytes | |")
    return rows.joined(separator: "\n")
  }

  private static func name(_ load: Load) -> String {
    let batches = load.batchSize == 1 ? "1 event" : "\(count(load.batchSize)) events"
    return "\(load.call == .stream ? "`SubmitStream`" : "`Submit`"), batches of \(batches), \(load.lanes) at a time"
  }

  private static func count(_ value: Int) -> String { value.formatted(.number.locale(Locale(identifier: "en_US"))) }

  private static func count(_ value: Double) -> String { count(Int(value.rounded())) }

  private static func ratio(_ value: Double, _ whole: Double) -> String {
    String(format: "%.2f", value / max(whole, 1))
  }

  private static func microseconds(_ value: Double) -> String { String(format: "%.1f µs", value) }

  private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }

  private static func size(_ events: Int) -> String {
    let unit = Int(pow(10, max(0, Double(String(events).count - 2))))
    return count((events + unit / 2) / unit * unit)
  }

  private static func cell(_ samples: Samples?) -> String {
    samples.map { String(format: " %.2f / %.2f |", $0.median, $0.percentile(99)) } ?? " – |"
  }
}
