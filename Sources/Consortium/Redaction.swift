package import Primitives
package import Wire

/// Names a record whose payload and salt are to be erased.
package struct Redaction: Hashable, Sendable {
  /// Where it stands in the log.
  package let place: RecordPlace
  /// Its id, the hash that stays.
  package let recordID: Digest

  /// Parses a redaction; field paths start at the message.
  package init(_ wire: Cairn_V1_Redaction) throws(Failure) {
    guard wire.position <= UInt64(Int64.max) else {
      throw .malformed("OUT_OF_RANGE", field: "position", "\(wire.position) is no position in a log")
    }
    place = RecordPlace(position: wire.position, index: wire.recordIndex)
    recordID = try Digest(parsing: wire.recordID, field: "record_id")
  }
}
