import EPCIS
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// One record of a watched entry, on one line.
struct WatchedLine {
  private let record: Cairn_V1_WatchedRecord
  private let position: UInt64
  private let isCompromised: Bool
  private let entry: LogEntry
  private let header: BatchHeader

  /// A record of `message`, whose entry and header these are.
  init(
    _ record: Cairn_V1_WatchedRecord, of message: Cairn_V1_WatchLogResponse, entry: LogEntry, header: BatchHeader
  ) {
    self.record = record
    position = message.position
    isCompromised = message.authorCompromised
    self.entry = entry
    self.header = header
  }

  /// For people.
  func text(width: Int?) -> String {
    let place = "\(position).\(record.recordIndex)".padded(to: 12)
    let time = RecordedTime(entry.ledgerTime.microseconds).text
    let what: String =
      switch content {
      case .provenance(let provenance)?: Self.words(provenance)
      case .consortium(let consortium)?: consortium.words
      case nil: withheld?.words ?? "a record without effect"
      }
    let warning = isCompromised ? "COMPROMISED KEY  " : ""
    let line = "\(place)  \(time)  \(warning)\(what)".visible
    return width.map { line.fitted(to: $0) } ?? line
  }

  /// For programs.
  var json: String {
    var members: [JSONValue.Member] = [
      .init("recordId", withheld == nil ? .text("\(MerkleTree.leafHash(record.record))") : .null),
      .init("position", .number(position)),
      .init("recordIndex", .number(record.recordIndex)), .init("ledgerTime", .text("\(entry.ledgerTime)")),
      .init("authorKeyId", .text("\(header.authorKeyID)")), .init("authorCompromised", .boolean(isCompromised)),
    ]
    if let withheld {
      members.append(.init("withheld", .text(withheld.reason)))
    } else if case .provenance(let provenance)? = content, case .event(let wire)? = provenance.statement,
      let event = try? EPCISWriter.event(wire)
    {
      members.append(.init("event", event))
    } else if case .provenance(let provenance)? = content, case .masterData(let data)? = provenance.statement {
      members.append(.init("masterData", MasterDataWriter.object(data)))
    } else {
      members.append(.init("record", .hex(record.record)))
    }
    return String(decoding: JSONWriter.compact(.object(members)), as: UTF8.self)
  }

  /// Why the record is not here; nil where it is.
  private var withheld: (reason: String, words: String)? {
    switch record.withheld {
    case .unspecified: nil
    case .forbidden: ("FORBIDDEN", "FORBIDDEN: not open to you")
    case .redacted: ("REDACTED", "REDACTED: erased by the members' votes")
    case .UNRECOGNIZED: ("WITHHELD", "WITHHELD")
    }
  }

  private var content: Cairn_V1_Record.OneOf_Body? { try? Cairn_V1_Record(serializedBytes: record.record).body }

  private static func words(_ provenance: Cairn_V1_ProvenanceRecord) -> String {
    if case .masterData(let data)? = provenance.statement { return MasterDataWords(data).headline }
    let event = EventWords(provenance.event)
    return [event.headline, event.subject, event.place].filter { !$0.isEmpty }.joined(separator: "  ")
  }
}
