package import EPCIS
import Ledger
import SwiftProtobuf
import Wire

extension PackReport {
  /// What was proved, and what was not.
  package var json: JSONValue {
    .object(
      [.init("verified", .boolean(true)), .init("compromised", .boolean(isCompromised)), .init("question", question)]
        + EvidenceReport.frame(of: evidence, about: answer.events.map(\.record)) + [
          .init("events", .array(answer.events.map { EvidenceReport.record(in: evidence, $0.record) })),
          .init("recordCount", .number(evidence.records.count)),
          .init("forbiddenEvents", .boolean(answer.hidesEvents)), .init("partial", .boolean(answer.isPartial)),
          .init("notChecked", .array(answer.unchecked.map { .text($0) })),
          .init("notProved", .array(limits.map { .text($0) })),
        ])
  }

  private var question: JSONValue {
    switch answer.question {
    case .history(let item): .object([.init("history", .text(item))])
    case .events(let filter): .object([.init("events", Self.json(filter))])
    case .trace(let trace): .object([.init("trace", (try? trace.json) ?? .null)])
    }
  }

  private static func json(_ filter: Cairn_V1_EventFilter) -> JSONValue {
    guard let bytes: [UInt8] = try? filter.jsonUTF8Bytes() else { return .null }
    return (try? JSONParser.parse(bytes)) ?? .null
  }
}
