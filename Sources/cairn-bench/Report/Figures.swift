import Foundation

/// Everything one run measured.
struct Figures: Sendable, Codable {
  let machine: Machine
  /// Events in the ledger when it counts as full.
  let events: Int
  var recordBytes = 0
  /// Records a second that SQLite takes.
  var storageLimit: [Double] = []
  var empty: [Measured] = []
  var full: [Measured] = []
  var fill: Measured?
  /// How long questions took, on ledgers of growing size.
  var answers: [Answers] = []
  var enrolment: Enrolment?
  var audience: Audience?
  var memory: Memory?
  var diskBytesPerEvent = 0

  /// How long each kind of question took on a ledger of so many events.
  struct Answers: Sendable, Codable {
    let events: Int
    var latencies: [Question: Latencies] = [:]
  }

  /// A kind of question.
  enum Question: String, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    case history, evidence, inclusion, state, query, trace

    /// What was asked for, for people.
    var name: String {
      switch self {
      case .history: "history of an item with ten events"
      case .evidence: "evidence of a record"
      case .inclusion: "inclusion proof"
      case .state: "`GetItem` of an item with ten events"
      case .query: "`QueryEvents` for the shipping events of one despatch advice"
      case .trace: "`Trace` back over five levels, about 960 nodes"
      }
    }

    /// What is wanted of it.
    var aim: String {
      switch self {
      case .history: "p99 ≤ 5"
      case .state: "p99 ≤ 3"
      case .query: "p99 ≤ 20"
      case .trace: "p99 ≤ 50"
      case .evidence, .inclusion: ""
      }
    }
  }

  /// How long one kind of call took, in milliseconds.
  struct Latencies: Sendable, Codable {
    let client: Samples
    let server: Samples

    init(_ latencies: [Latency]) {
      client = Samples(latencies.map(\.client))
      server = Samples(latencies.map(\.server))
    }
  }

  /// One way of sending, measured several times.
  struct Measured: Sendable, Codable {
    let load: Load
    var windows: [Window] = []

    var rate: Double { Samples(windows.map(\.rate)).median }
    var serverMicroseconds: Double { Samples(windows.map(\.serverMicroseconds)).median }
    var clientMicroseconds: Double { Samples(windows.map(\.clientMicroseconds)).median }
  }

  /// One measurement.
  struct Window: Sendable, Codable {
    /// Events a second.
    let rate: Double
    /// CPU time an event.
    let serverMicroseconds, clientMicroseconds: Double
  }

  /// What registered keys cost.
  struct Enrolment: Sendable, Codable {
    let keys: Int
    /// For all of them, in one batch.
    let seconds: Double
    /// The rate with a few keys, and with all.
    let few, many: Measured

    var ratio: Double { many.rate / max(few.rate, 1) }
  }

  /// The server's memory in bytes.
  struct Memory: Sendable, Codable {
    let peak, resident, anonymous, file: Int
  }

  subscript(empty load: Load) -> Double { empty.first { $0.load == load }?.rate ?? 0 }
  subscript(full load: Load) -> Double { full.first { $0.load == load }?.rate ?? 0 }

  /// The figures as JSON.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: url)
  }
}
