import EPCIS
package import FoundationEssentials
import Ledger
package import Primitives
import Provenance
import Signing
import Wire

/// A file of EPCIS events, read and checked: records ready to be signed, and what is wrong with the rest.
package struct SourceFile: Sendable {
  /// An event as a serialized record.
  package struct Record: Sendable {
    /// Which event of the file, from 0.
    package let eventIndex: Int
    /// The serialized record, with a salt of its own.
    package let bytes: Data
  }

  /// The largest file, in bytes.
  package static let maxByteCount = JSONLimits.standard.byteCount
  /// Problems, and warnings, that are kept of one file.
  package static let maxProblems = 1_000

  /// The file as it was named.
  package let name: String
  /// SHA-256 of the file.
  package let digest: Digest
  /// Events in the file, good or bad.
  package let eventCount: Int
  /// The good ones, in the file's order.
  package let records: [Record]
  /// The first 1,000 of the bad ones.
  package let problems: [SourceProblem]
  /// The first 1,000 things that were read but not recorded, or recorded on trust; the creation date, which every document
  /// has, is not spoken of.
  package let warnings: [String]

  /// The number of events that are not in `records`.
  package var problemCount: Int { eventCount - records.count }

  /// Reads a file's bytes; what is recorded of it is for `audience`. What makes the whole file unreadable is thrown;
  /// `SourceProblem` says it in words.
  package init(name: String, bytes: [UInt8], audience: Audience = .members) throws(Failure) {
    let document = try EPCISReader.open(bytes)
    var records: [Record] = []
    var problems: [SourceProblem] = []
    var warnings = document.warnings
    for index in 0..<document.count {
      do throws(Failure) {
        let event = try document.event(at: index)
        if warnings.count < Self.maxProblems { warnings += event.warnings + Self.warnings(event) }
        records.append(Record(eventIndex: index, bytes: try Self.record(event, audience)))
      } catch {
        if problems.count < Self.maxProblems { problems.append(SourceProblem(file: name, error)) }
      }
    }
    self.init(
      name: name, digest: SHA256.hash(bytes), eventCount: document.count, records: records, problems: problems,
      warnings: warnings.filter { $0.pointer != "/creationDate" }.prefix(Self.maxProblems).map {
        "\(name): \($0.pointer): \($0.reason): \($0.message)"
      })
  }

  /// A file whose records were made already.
  init(
    name: String, digest: Digest, eventCount: Int, records: [Record], problems: [SourceProblem], warnings: [String]
  ) {
    self.name = name
    self.digest = digest
    self.eventCount = eventCount
    self.records = records
    self.problems = problems
    self.warnings = warnings
  }

  /// What is recorded and should not be relied on.
  private static func warnings(_ event: ReadEvent) -> [EPCISWarning] {
    guard EventHash.isFalselyClaimed(by: event.event) else { return [] }
    return [
      EPCISWarning(
        reason: "FALSE_EVENT_HASH", pointer: event.pointer(forField: "event_id"),
        message: "the id says that it is the event's CBV 2.0 hash, which is "
          + (EventHash(of: event.event)?.description ?? "too long to compute"))
    ]
  }

  /// What is wrong with a file that cannot be read at all.
  package static func problem(_ name: String, _ failure: Failure) -> SourceProblem {
    SourceProblem(file: name, failure)
  }

  private static func record(_ event: ReadEvent, _ audience: Audience) throws(Failure) -> Data {
    do { _ = try ValidatedEvent(event.event) } catch { throw event.located(error) }
    let record = Cairn_V1_Record(event: event.event, salt: Salt.fresh(), visibility: audience.visibility)
    let bytes = try BatchBuilder.serialize(record)
    guard bytes.count <= Limits.recordBytes else {
      throw event.located(
        Failure(
          .malformed, "RECORD_SIZE",
          "the event has \(bytes.count) bytes as a record; at most \(Limits.recordBytes) are taken, so split it"))
    }
    return bytes
  }
}
