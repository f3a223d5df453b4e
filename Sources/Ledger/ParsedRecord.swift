package import Consortium
package import FoundationEssentials
package import Primitives
package import Provenance
import SwiftProtobuf
package import Wire

/// A record, parsed and valid on its own.
package struct ParsedRecord: Sendable {
  /// What a record says.
  package enum Body: Sendable {
    case provenance(ValidatedEvent)
    // Set apart, so that few and large ones make no event larger.
    indirect case masterData(ValidatedMasterData)
    case consortium(ConsortiumChange)
  }

  /// What it says.
  package let body: Body
  /// Who may read it.
  package let visibility: Visibility

  /// Parses a record's bytes; field paths start at the record.
  package init(_ bytes: Data) throws(Failure) {
    guard (1...Limits.recordBytes).contains(bytes.count) else {
      throw .malformed("RECORD_SIZE", field: "", "\(bytes.count) bytes; 1 to \(Limits.recordBytes) expected")
    }
    if let frame = EventFrame(bytes) {
      let (event, stated) = try Self.decode { (try frame.event(), try frame.visibility()) }
      try Self.requireSalt(frame.saltByteCount)
      visibility = try Self.visibility(stated)
      body = try Self.statement(event)
      return
    }
    let wire = try Self.decode { try Cairn_V1_Record(serializedBytes: bytes) }
    try Self.requireSalt(wire.salt.count)
    visibility = try Self.visibility(of: wire)
    switch wire.body {
    case .provenance(let record): body = try Self.statement(record)
    case .consortium(let record):
      do { body = .consortium(try ConsortiumChange(record)) } catch { throw error.under("consortium") }
    case nil:
      throw .malformed("MISSING_BODY", field: "body", "one of provenance, consortium must be present")
    }
  }

  /// The family whose rules the record follows.
  package var family: RecordFamily {
    switch body {
    case .provenance: .provenance
    case .masterData: .masterData
    case .consortium: .consortium
    }
  }

  /// When its event happened; nil where it is no event.
  package var eventTime: Instant? {
    switch body {
    case .provenance(let event): event.eventTime
    case .masterData, .consortium: nil
    }
  }

  private static func requireSalt(_ byteCount: Int) throws(Failure) {
    guard byteCount == Limits.saltBytes else {
      throw .malformed("SALT_SIZE", field: "salt", "\(byteCount) bytes; \(Limits.saltBytes) random bytes expected")
    }
  }

  /// Rules bind everyone, so everyone may read them.
  private static func visibility(of wire: Cairn_V1_Record) throws(Failure) -> Visibility {
    if case .consortium = wire.body {
      guard !wire.hasVisibility || wire.visibility.audience == .public else {
        throw .malformed("VISIBILITY_NOT_ALLOWED", field: "visibility", "a consortium record is PUBLIC; leave it out")
      }
      return .public
    }
    return try visibility(wire.hasVisibility ? wire.visibility : nil)
  }

  private static func visibility(_ wire: Cairn_V1_Visibility?) throws(Failure) -> Visibility {
    do { return try Visibility(wire) } catch { throw error.under("visibility") }
  }

  private static func decode<Content>(_ content: () throws -> Content) throws(Failure) -> Content {
    do { return try content() } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.Record")
    }
  }

  private static func statement(_ record: Cairn_V1_ProvenanceRecord) throws(Failure) -> Body {
    switch record.statement {
    case .event(let event): return try statement(event)
    case .masterData(let data):
      do { return .masterData(try ValidatedMasterData(data)) } catch { throw error.under("provenance.master_data") }
    case nil:
      throw .malformed(
        "MISSING_STATEMENT", field: "provenance.statement", "one of event, master_data must be present")
    }
  }

  private static func statement(_ event: Cairn_V1_Event) throws(Failure) -> Body {
    do { return .provenance(try ValidatedEvent(event)) } catch { throw error.under("provenance.event") }
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
