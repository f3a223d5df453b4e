package import EPCIS
import Primitives
import Provenance
package import Wire

/// What a description says, in words for people. Texts come out as they were written and may hold anything.
package struct MasterDataWords: Sendable {
  /// A label and what it labels.
  package typealias Line = (label: String, text: String)

  private static let listed = 8

  private let data: Cairn_V1_MasterData

  /// The words of a description.
  package init(_ data: Cairn_V1_MasterData) { self.data = data }

  /// The first name; the subject where there is none.
  package var name: String { data.names.first?.text ?? data.subject }

  /// place, party or product.
  package var kind: String {
    switch data.kind {
    case .place: "place"
    case .party: "party"
    case .product: "product"
    case .unspecified, .UNRECOGNIZED: "thing"
    }
  }

  /// For example `place: Press hall, Beja PT`.
  package var headline: String {
    if data.withdrawn { return "\(kind) described no longer: \(data.subject)" }
    let city = data.address.cityWords
    return "\(kind): \(name)" + (city.isEmpty ? "" : ", \(city)")
  }

  /// For example `38.01507, -7.86323`; empty where it is not stated.
  package var location: String { data.hasLocation ? "\(data.location.latitude), \(data.location.longitude)" : "" }

  /// Everything it says.
  package var lines: [Line] {
    var lines: [Line] = []
    func add(_ label: String, _ text: String) { if !text.isEmpty { lines.append((label, text)) } }
    add("subject", data.subject)
    for (index, name) in data.names.enumerated() {
      let language = name.language.isEmpty ? "" : " (\(name.language))"
      add(index == 0 ? "name" : "", name.text + language)
    }
    add("address", data.address.words)
    add("location", location)
    add("GLN", data.gln)
    add("part of", data.parent)
    for attribute in data.attributes.prefix(Self.listed) {
      let name = attribute.name.split { ":#/".contains($0) }.last ?? ""
      add("attribute", "\(name): \(Self.text(attribute))")
    }
    if data.attributes.count > Self.listed { add("attribute", "and \(data.attributes.count - Self.listed) more") }
    for image in data.images {
      add("image", "\(image.mediaType), SHA-256 \(Hex.encode(image.sha256)) \(image.uri)")
    }
    if data.validFromMicroseconds != 0 {
      add("valid from", RecordedTime(data.validFromMicroseconds).text)
    }
    return lines
  }

  private static func text(_ attribute: Cairn_V1_Extension) -> String {
    switch attribute.value.kind {
    case .text(let text)?: text
    case .number(let number)?: number
    default: String(decoding: JSONWriter.compact(MasterDataWriter.value(attribute.value)), as: UTF8.self)
    }
  }
}

extension Cairn_V1_MasterDataEntry {
  /// The subject and what counts of it, for programs.
  package var json: JSONValue {
    .object([
      .init("subject", .text(subject)), .init("shown", shown.json), .init("others", .array(others.map { .text($0) })),
    ])
  }
}

extension Cairn_V1_RecordedMasterData {
  /// The description with its place in the ledger beside it. Ids are hexadecimal, times RFC 3339.
  package var json: JSONValue {
    .object([
      .init("recordId", .hex(recordID)), .init("position", .number(position)),
      .init("recordIndex", .number(recordIndex)),
      .init("ledgerTime", .text("\(Instant(microseconds: ledgerTimeMicroseconds))")),
      .init("authorKeyId", .hex(authorKeyID)), .init("memberId", .text(memberID)),
      .init("authorCompromised", .boolean(authorCompromised)),
      .init("masterData", MasterDataWriter.object(masterData)),
    ])
  }
}
