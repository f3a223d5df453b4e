package import Consortium
package import FoundationEssentials
package import Primitives
package import Provenance
import SwiftProtobuf
package import Wire

/// A record's body, parsed and valid on its own.
package enum ParsedRecord: Sendable {
  case provenance(ValidatedEvent)
  case consortium(ConsortiumChange)

  /// Parses a record's bytes; field paths start at the record.
  package init(_ bytes: Data) throws(Failure) {
    guard (1...Limits.recordBytes).contains(bytes.count) else {
      throw .malformed("RECORD_SIZE", field: "", "\(bytes.count) bytes; 1 to \(Limits.recordBytes) expected")
    }
    let wire = try Self.decode(bytes)
    guard wire.salt.count == Limits.saltBytes else {
      throw .malformed(
        "SALT_SIZE", field: "salt", "\(wire.salt.count) bytes; \(Limits.saltBytes) random bytes expected")
    }
    switch wire.body {
    case .provenance(let record): self = .provenance(try Self.event(record))
    case .consortium(let record):
      do { self = .consortium(try ConsortiumChange(record)) } catch { throw error.under("consortium") }
    case nil:
      throw .malformed("MISSING_BODY", field: "body", "one of provenance, consortium must be present")
    }
  }

  /// The family whose rules the record follows.
  package var family: RecordFamily {
    switch self {
    case .provenance: .provenance
    case .consortium: .consortium
    }
  }

  private static func decode(_ bytes: Data) throws(Failure) -> Cairn_V1_Record {
    do { return try Cairn_V1_Record(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.Record")
    }
  }

  private static func event(_ record: Cairn_V1_ProvenanceRecord) throws(Failure) -> ValidatedEvent {
    guard case .event(let event) = record.statement else {
      throw .malformed("MISSING_STATEMENT", field: "provenance.statement", "an event must be present")
    }
    do { return try ValidatedEvent(event) } catch { throw error.under("provenance.event") }
  }
}

/// A record that is in the log but has no effect, and why.
package struct RecordRejection: Hashable, Sendable {
  /// Index in the batch, from 0.
  package let index: UInt32
  package let failure: Failure

  /// The record `index` has no effect because of `failure`.
  package init(index: UInt32, failure: Failure) {
    self.index = index
    self.failure = failure
  }

  /// The rejection as receipts show it.
  package var wire: Cairn_V1_RecordError {
    .with {
      $0.recordIndex = index
      $0.reason = failure.reason
      $0.field = (failure.violations.first?.field ?? "").truncated(toBytes: Limits.errorMessageBytes)
      $0.message = failure.message.truncated(toBytes: Limits.errorMessageBytes)
    }
  }
}

extension String {
  /// The longest beginning of at most `limit` UTF-8 bytes that ends at a character.
  func truncated(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var end = utf8.index(utf8.startIndex, offsetBy: limit)
    while end.samePosition(in: self) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
