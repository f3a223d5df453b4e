import Capture
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Keys that are to be registered together, read from a CSV file or a folder.
struct EnrolmentList {
  /// A key and what is stated of it.
  struct Entry {
    let key: PublicKey
    var label = ""
    var validFrom: Instant?
    var validUntil: Instant?

    /// Its registration, without member and roles.
    var registration: Cairn_V1_RegisterKey {
      .with {
        $0.publicKey = Data(key.subjectPublicKeyInfo)
        $0.label = label
        $0.notBeforeMicroseconds = validFrom?.microseconds ?? 0
        $0.notAfterMicroseconds = validUntil?.microseconds ?? 0
      }
    }
  }

  /// Most keys that one list may name.
  static let maxKeys = 1_000_000
  private static let maxBytes = 512 << 20
  private static let columns = ["public_key", "label", "valid_from", "valid_until"]

  /// The keys, each once.
  private(set) var keys: [Entry] = []
  /// How many keys stood there again.
  private(set) var repeated = 0
  private var seen: Set<KeyID> = []

  /// Reads a CSV file, or the .pub files of a folder; fails with what is wrong and where.
  init(_ path: String) throws(Failure) {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Failure(.notFound, "FILE_UNREADABLE", "there is no \(path)")
    }
    if isFolder { try readFolder(path) } else { try readTable(path) }
    guard !keys.isEmpty else { throw Failure(.malformed, "NO_KEYS", "there is no public key in \(path)") }
  }

  private mutating func readFolder(_ path: String) throws(Failure) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names.filter({ $0.hasSuffix(".pub") }).sorted() {
      let label = String(name.prefix { $0 != "." })
      try add(Entry(key: try KeyFile.publicKey("\(path)/\(name)"), label: label))
    }
  }

  private mutating func readTable(_ path: String) throws(Failure) {
    let text = String(decoding: try Files.read(path, limit: Self.maxBytes), as: UTF8.self)
    var table = CSV(text)
    guard let header = try table.next(), header.contains("public_key") else {
      throw Failure(
        .malformed, "MISSING_COLUMN",
        "\(path): the first line must name the columns, of these: \(Self.columns.joined(separator: ", "))")
    }
    if let unknown = header.first(where: { !Self.columns.contains($0) }) {
      throw Failure(
        .malformed, "UNKNOWN_COLUMN",
        "\(path): '\(unknown)' is no column; known are \(Self.columns.joined(separator: ", "))")
    }
    while let row = try table.next() {
      do { try add(try Self.entry(header, row)) } catch {
        throw Failure(error.kind, error.reason, "\(path), line \(table.line): \(error.message)")
      }
    }
  }

  private static func entry(_ header: [String], _ row: [String]) throws(Failure) -> Entry {
    guard row.count == header.count else {
      throw Failure(.malformed, "WRONG_COLUMNS", "\(row.count) fields; \(header.count) expected")
    }
    let fields = Dictionary(zip(header, row), uniquingKeysWith: { first, _ in first })
    guard let der = Data(base64Encoded: fields["public_key"] ?? "") else {
      throw Failure(.malformed, "MALFORMED_KEY", "public_key is no base64")
    }
    var entry = Entry(key: try PublicKey(subjectPublicKeyInfo: Array(der)), label: fields["label"] ?? "")
    entry.validFrom = try time(fields, "valid_from")
    entry.validUntil = try time(fields, "valid_until")
    return entry
  }

  private static func time(_ fields: [String: String], _ name: String) throws(Failure) -> Instant? {
    guard let text = fields[name], !text.isEmpty else { return nil }
    guard let moment = Moment(argument: text) else {
      throw Failure(.malformed, "INVALID_TIME", "\(name): '\(text)'; RFC 3339 or a date expected")
    }
    return moment.instant
  }

  private mutating func add(_ entry: Entry) throws(Failure) {
    guard seen.insert(entry.key.id).inserted else { return repeated += 1 }
    guard keys.count < Self.maxKeys else {
      throw Failure(.exhausted, "TOO_MANY_KEYS", "more than \(Self.maxKeys) keys; enrol them in several lists")
    }
    keys.append(entry)
  }
}
