import EPCIS
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Wire

/// Descriptions as rows of comma-separated values, one thing a row. The first row names the columns; one whose name has a
/// colon is an attribute.
struct MasterDataTable {
  private static let columns = [
    "subject", "kind", "name", "language", "street", "city", "region", "postal_code", "country", "latitude",
    "longitude",
    "gln", "part_of", "valid_from", "image_media_type", "image_sha256", "image_uri",
  ]
  private static let required = ["subject", "kind", "name"]

  /// A row, and where it stands.
  struct Row {
    let line: Int
    let fields: [String: String]
  }

  let rows: [Row]
  private let attributes: [String]

  /// Reads all rows; fails with INVALID_CSV, MISSING_COLUMN, UNKNOWN_COLUMN or WRONG_COLUMNS.
  init(_ text: String) throws(Failure) {
    var table = CSV(text)
    let header = try table.next() ?? []
    if let missing = Self.required.first(where: { !header.contains($0) }) {
      throw Failure(.malformed, "MISSING_COLUMN", "the first line names no column '\(missing)'")
    }
    attributes = header.filter { $0.contains(":") }
    if let unknown = header.first(where: { !Self.columns.contains($0) && !$0.contains(":") }) {
      throw Failure(
        .malformed, "UNKNOWN_COLUMN",
        "'\(unknown)' is no column; there are \(Self.columns.joined(separator: ", ")), and attributes such as "
          + "cbvmda:netContentDescription")
    }
    guard Set(header).count == header.count else {
      throw Failure(.malformed, "DUPLICATE_COLUMN", "the first line names a column twice")
    }
    var rows: [Row] = []
    while let row = try table.next() {
      guard row.count == header.count else {
        throw Failure(
          .malformed, "WRONG_COLUMNS", "line \(table.line): \(row.count) fields; \(header.count) expected")
      }
      rows.append(Row(line: table.line, fields: Dictionary(zip(header, row), uniquingKeysWith: { first, _ in first })))
    }
    self.rows = rows
  }

  /// The description in a row; it is not validated yet.
  func masterData(_ row: Row) throws(Failure) -> Cairn_V1_MasterData {
    func field(_ name: String) -> String { row.fields[name] ?? "" }
    var data = Cairn_V1_MasterData()
    data.subject = field("subject")
    data.kind = try Self.kind(field("kind"))
    data.names = [
      .with {
        $0.text = field("name")
        $0.language = field("language")
      }
    ]
    let address = Cairn_V1_PostalAddress.with {
      $0.street = field("street").isEmpty ? [] : [field("street")]
      $0.city = field("city")
      $0.region = field("region")
      $0.postalCode = field("postal_code")
      $0.country = field("country")
    }
    if address != Cairn_V1_PostalAddress() { data.address = address }
    if !field("latitude").isEmpty || !field("longitude").isEmpty {
      data.location.latitude = field("latitude")
      data.location.longitude = field("longitude")
    }
    data.gln = field("gln")
    data.parent = field("part_of")
    data.attributes = attributes.filter { !field($0).isEmpty }.map { name in
      .with {
        $0.name = name
        $0.value.text = field(name)
      }
    }
    data.images = try Self.image(row).map { [$0] } ?? []
    data.validFromMicroseconds = try Self.time(field("valid_from"))?.microseconds ?? 0
    return data
  }

  private static func kind(_ text: String) throws(Failure) -> Cairn_V1_MasterDataKind {
    switch text.lowercased() {
    case "place": .place
    case "party": .party
    case "product": .product
    default:
      throw .malformed("UNKNOWN_KIND", field: "kind", "'\(text.prefix(64))' is none of place, party and product")
    }
  }

  private static func image(_ row: Row) throws(Failure) -> Cairn_V1_Image? {
    let (type, hash) = (row.fields["image_media_type"] ?? "", row.fields["image_sha256"] ?? "")
    let uri = row.fields["image_uri"] ?? ""
    if type.isEmpty, hash.isEmpty, uri.isEmpty { return nil }
    guard let digest = Digest(hex: hash) else {
      throw .malformed("MALFORMED_DIGEST", field: "image_sha256", "a SHA-256 is 64 hexadecimal characters")
    }
    return .with {
      $0.mediaType = type
      $0.sha256 = Data(digest.bytes)
      $0.uri = uri
    }
  }

  private static func time(_ text: String) throws(Failure) -> Instant? {
    if text.isEmpty { return nil }
    do { return try RFC3339(text.utf8.count == 10 ? text + "T00:00:00Z" : text).instant } catch {
      throw .malformed("INVALID_TIME", field: "valid_from", "'\(text.prefix(64))'; RFC 3339 or a date expected")
    }
  }
}
