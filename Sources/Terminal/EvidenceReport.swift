package import Checkpoints
import Consortium
import FoundationEssentials
package import Ledger
package import Primitives
import Provenance
import Signing
import SwiftProtobuf
import Wire

/// What evidence proves, or why it does not, for people and for programs.
package struct EvidenceReport: Sendable {
  private static let labelWidth = 13

  private let style: Style
  private let width: Int?

  /// Lines of at most `width` columns, or as long as they are.
  package init(style: Style, width: Int?) {
    self.style = style
    self.width = width
  }

  /// Everything that was proved, step by step.
  package func lines(_ evidence: VerifiedEvidence) -> [String] {
    guard let record = evidence.records.first else { return [] }
    return content(record) + [""] + steps(evidence, record).flatMap(\.self)
  }

  /// The step that failed, after those that are known to hold without it.
  package func lines(_ failure: Failure, checkpoint: VerifiedCheckpoint?) -> [String] {
    var lines: [String] = []
    if let checkpoint { lines += passed("checkpoint", Self.words(checkpoint)) }
    let step = EvidenceStep(failure)
    let label = style(.bad, step.label.padded(to: Self.labelWidth))
    lines.append("\(style(.bad, "✗")) \(label)does not hold; do not rely on this file")
    return lines
  }

  private func content(_ record: VerifiedRecord) -> [String] {
    switch record.content.map(\.body) {
    case .success(.provenance(let valid)):
      let words = EventWords(valid.event)
      let lines = [("event", words.kind)] + words.lines
      return [style(.heading, "\(words.time)  \(words.headline)".visible)] + lines.flatMap { labelled($0.0, $0.1) }
    case .success(.masterData(let valid)):
      let words = MasterDataWords(valid.masterData)
      return [style(.heading, words.headline.visible)] + words.lines.flatMap { labelled($0.label, $0.text) }
    case .success(.consortium):
      let wire = try? Cairn_V1_Record(serializedBytes: record.bytes)
      return [style(.heading, (wire?.consortium.words ?? "").visible)]
    case .failure(let failure):
      return [style(.warning, "a record without effect: \(failure)".visible)]
    }
  }

  /// What holds for everything that is proved under the checkpoint.
  func steps(of evidence: VerifiedEvidence) -> [[String]] {
    var lines = [
      passed("checkpoint", Self.words(evidence.checkpoint)),
      passed("root", "\(evidence.checkpoint.checkpoint.root)"),
    ]
    for cosigner in evidence.checkpoint.cosigners {
      lines.append(passed("cosigned", "by \(cosigner.witness.name) at \(Self.time(cosigner.time))"))
    }
    return lines + [passed("ledger", "\(evidence.ledgerID)")]
  }

  private func steps(_ evidence: VerifiedEvidence, _ record: VerifiedRecord) -> [[String]] {
    let header = record.header
    var lines = steps(of: evidence)
    lines += [
      passed("record", "\(record.id), number \(record.index + 1) of the \(header.recordCount) in its batch"),
      passed("signature", "\(record.author.suite) by key \(record.author.id), batch \(header.sequence) of that key"),
      passed("author clock", "\(Self.time(header.createdAt)) (\(Self.words(header.clockQuality)))"),
      passed("log", "position \(record.position), ordered at \(Self.time(record.entry.ledgerTime))"),
    ]
    lines += keyChain(evidence, record)
    lines.append(compromise(evidence, record))
    return lines
  }

  /// The key of the record's author, then those by which it goes back to genesis: whose each is and who registered it.
  private func keyChain(_ evidence: VerifiedEvidence, _ record: VerifiedRecord) -> [[String]] {
    evidence.registrations(of: [record]).map { registration in
      let key = registration.key
      let label = key.label.isEmpty ? "" : " '\(key.label)'"
      let words = "of \(key.memberID), \(key.roles)\(label): \(key.id), registered \(registration.words)"
      guard registration.isDoubtful else { return passed("key", words) }
      return warned("key", "\(words), with a key that was in other hands then")
    }
  }

  private func compromise(_ evidence: VerifiedEvidence, _ record: VerifiedRecord) -> [String] {
    guard evidence.isCompromised(record) else { return [] }
    return warned("compromised", "others had the key when the ledger ordered this record; do not rely on it")
  }

  func warned(_ label: String, _ text: String) -> [String] {
    statement("\(style(.bad, "!")) ", style(.bad, label.padded(to: Self.labelWidth)), text)
  }

  func passed(_ label: String, _ text: String) -> [String] {
    statement("\(style(.good, "✓")) ", style(.faint, label.padded(to: Self.labelWidth)), text)
  }

  private func labelled(_ label: String, _ text: String) -> [String] {
    statement("  ", style(.faint, label.padded(to: Self.labelWidth)), text)
  }

  /// A label and what it says, on as many lines as it needs: what was proved is never cut.
  func statement(_ mark: String, _ label: String, _ text: String) -> [String] {
    let indent = String(repeating: " ", count: Self.labelWidth + 2)
    let lines = width.map { text.visible.wrapped(to: $0 - indent.count) } ?? [text.visible]
    return lines.enumerated().map { ($0.offset == 0 ? mark + label : indent) + $0.element }
  }

  private static func time(_ instant: Instant) -> String { RecordedTime(instant.microseconds).text }

  private static func words(_ checkpoint: VerifiedCheckpoint) -> String {
    "\(checkpoint.checkpoint.origin), \(checkpoint.checkpoint.size.grouped) entries, signed by the log's key"
  }

  private static func words(_ quality: Cairn_V1_ClockQuality) -> String {
    switch quality {
    case .gnss: "set by satellite"
    case .ntp: "set over a network"
    case .rtc: "a battery-backed clock"
    case .unknown, .unspecified, .UNRECOGNIZED: "of unknown quality"
    }
  }
}
