import EPCIS
import FoundationEssentials
import Ledger
package import Primitives
import Provenance
import Signing
import SwiftProtobuf
import Wire

extension SourceFile {
  /// Reads a file of master data: the vocabularies of an EPCIS 2.0 JSON-LD document, or comma-separated values. Coordinates
  /// are rounded to six decimals, which is eleven centimetres. What states no time from when on it is right is right from
  /// `validFrom` on. What makes the whole file unreadable is thrown.
  package init(
    masterDataIn name: String, bytes: [UInt8], audience: Audience = .members, validFrom: Instant? = nil
  ) throws(Failure) {
    let descriptions = try Self.descriptions(bytes)
    var records: [Record] = []
    var problems: [SourceProblem] = []
    for (index, description) in descriptions.all.enumerated() {
      do throws(Failure) {
        let data = try description.content.get().prepared(validFrom)
        records.append(Record(eventIndex: index, bytes: try Self.record(data, audience)))
      } catch {
        if problems.count < Self.maxProblems {
          problems.append(SourceProblem(file: name, error, at: description.place))
        }
      }
    }
    // The same file captured for its events, or valid from another time, is something else.
    let mark = Array("cairn/masterdata \(validFrom?.description ?? "")\n".utf8)
    self.init(
      name: name, digest: SHA256.hash(mark + bytes), eventCount: descriptions.all.count, records: records,
      problems: problems, warnings: descriptions.warnings.map { "\(name): \($0.pointer): \($0.reason): \($0.message)" })
  }

  private typealias Located = (place: String, content: Result<Cairn_V1_MasterData, Failure>)

  private static func descriptions(_ bytes: [UInt8]) throws(Failure) -> (all: [Located], warnings: [EPCISWarning]) {
    let isSpace: (UInt8) -> Bool = { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
    switch bytes.first(where: { !isSpace($0) }) {
    case UInt8(ascii: "{"):
      let document = try MasterDataDocument(bytes)
      let all = (0..<document.count).map { index in
        (document.pointer(at: index), Result { () throws(Failure) in try document.masterData(at: index) })
      }
      return (all, document.warnings)
    case UInt8(ascii: "<"):
      throw Failure(.malformed, "XML_NOT_READ", "this is XML; EPCIS 2.0 JSON-LD or comma-separated values are read")
    default:
      let table = try MasterDataTable(String(decoding: bytes, as: UTF8.self))
      let all = table.rows.map { row in
        ("line \(row.line)", Result { () throws(Failure) in try table.masterData(row) })
      }
      return (all, [])
    }
  }

  private static func record(_ data: Cairn_V1_MasterData, _ audience: Audience) throws(Failure) -> Data {
    _ = try ValidatedMasterData(data)
    let bytes = try BatchBuilder.serialize(
      Cairn_V1_Record(masterData: data, salt: Salt.fresh(), visibility: audience.visibility))
    guard bytes.count <= Limits.recordBytes else {
      throw Failure(
        .malformed, "RECORD_SIZE", "\(bytes.count) bytes as a record; at most \(Limits.recordBytes) are taken")
    }
    return bytes
  }
}

extension Cairn_V1_MasterData {
  fileprivate func prepared(_ validFrom: Instant?) -> Cairn_V1_MasterData {
    var data = self
    if data.hasLocation {
      let point = data.location
      data.location.latitude = MicroDegrees.rounded(point.latitude)?.description ?? point.latitude
      data.location.longitude = MicroDegrees.rounded(point.longitude)?.description ?? point.longitude
    }
    if data.validFromMicroseconds == 0, let validFrom { data.validFromMicroseconds = validFrom.microseconds }
    return data
  }
}
