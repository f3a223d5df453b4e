import EPCIS
import Primitives
import Terminal
import Wire

/// What became of a capture.
struct CaptureSummary: Sendable {
  private let noun: String
  private var events = 0
  private var batches = 0
  private var positions: ClosedRange<UInt64>?
  private var finality = Cairn_V1_Finality.final
  private var logSize: UInt64 = 0
  private var rejected: [(position: UInt64, error: Cairn_V1_RecordError)] = []
  /// How long it took.
  var duration = Duration.zero

  /// Nothing yet; a record is called a `noun`.
  init(noun: String = "event") { self.noun = noun }

  /// Whether every record has effect.
  var isComplete: Bool { rejected.isEmpty }

  /// Counts a batch.
  mutating func add(_ receipt: Cairn_V1_Receipt) {
    events += Int(receipt.recordCount)
    batches += 1
    let range = positions ?? receipt.position...receipt.position
    positions = min(range.lowerBound, receipt.position)...max(range.upperBound, receipt.position)
    if receipt.finality.rawValue < finality.rawValue { finality = receipt.finality }
    logSize = max(logSize, receipt.logSize)
    rejected += receipt.recordErrors.map { (receipt.position, $0) }
  }

  /// Says it, on the output.
  func report(json: Bool) {
    for (position, error) in rejected.prefix(100) {
      Console.messages.line(
        "error: position \(position).\(error.recordIndex): \(error.reason.visible): \(error.message.visible)")
    }
    if json {
      Console.output.write(JSONWriter.pretty(self.json))
    } else if let positions {
      Console.output.line(
        "captured \(events.counted(noun)) in \(batches.counted("batch")) \(positions.words), \(finalityWord); "
          + "log size \(logSize.grouped), \(seconds) s")
    } else {
      Console.output.line("nothing to send")
    }
  }

  private var json: JSONValue {
    .object([
      .init("events", .number(events)), .init("batches", .number(batches)),
      .init("firstPosition", positions.map { .number($0.lowerBound) } ?? .null),
      .init("lastPosition", positions.map { .number($0.upperBound) } ?? .null),
      .init("finality", positions == nil ? .null : .text(finalityWord)), .init("logSize", .number(logSize)),
      .init("seconds", .number(seconds)),
      .init(
        "rejected",
        .array(
          rejected.map { position, error in
            .object([
              .init("position", .number(position)), .init("recordIndex", .number(error.recordIndex)),
              .init("reason", .text(error.reason)), .init("field", .text(error.field)),
              .init("message", .text(error.message)),
            ])
          })),
    ])
  }

  private var finalityWord: String {
    switch finality {
    case .accepted: "accepted"
    case .anchored: "anchored"
    case .final: "final"
    case .unspecified, .UNRECOGNIZED: "of unknown finality"
    }
  }

  /// Seconds with two decimals.
  private var seconds: String {
    let hundredths = duration.components.seconds * 100 + duration.components.attoseconds / 10_000_000_000_000_000
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}

extension ClosedRange<UInt64> {
  /// For example `at position 7` or `at positions 7–9`.
  var words: String {
    lowerBound == upperBound ? "at position \(lowerBound)" : "at positions \(lowerBound)–\(upperBound)"
  }
}
