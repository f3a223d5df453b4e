package import EPCIS
import Primitives
import Provenance
package import Wire

extension Cairn_V1_RecordedEvent {
  /// The event as EPCIS JSON-LD, with its place in the ledger and its CBV 2.0 hash beside it. Ids are hexadecimal, times RFC 3339.
  package var json: JSONValue {
    get throws(Failure) {
      .object([
        .init("recordId", .hex(recordID)),
        .init("position", .number("\(position)")),
        .init("recordIndex", .number("\(recordIndex)")),
        .init("ledgerTime", .text("\(Instant(microseconds: ledgerTimeMicroseconds))")),
        .init("authorKeyId", .hex(authorKeyID)),
        .init("memberId", .text(memberID)),
        .init("authorCompromised", .boolean(authorCompromised)),
        .init("eventHash", .text(EventHash(of: event)?.description ?? "")),
        .init("eventIdIsFalseHash", .boolean(EventHash.isFalselyClaimed(by: event))),
        .init("event", try EPCISWriter.event(event)),
      ])
    }
  }
}

extension JSONValue {
  /// Bytes in hexadecimal.
  package static func hex(_ bytes: some Sequence<UInt8>) -> JSONValue { .text(Hex.encode(bytes)) }

  /// A whole number.
  package static func number(_ number: some BinaryInteger) -> JSONValue { .number("\(number)") }
}
