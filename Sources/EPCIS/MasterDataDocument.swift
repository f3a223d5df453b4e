package import Primitives
package import Wire

/// The master data of an EPCIS 2.0 JSON-LD document: `vocabularyList`, in the header's `epcisMasterData` or in the body.
///
/// Attributes of CBV 2.0 that have a field of their own in `MasterData` become that field; every other is kept as it is.
/// What the standard has no attribute for: `cairn:image` (an object of mediaType, sha256 in hexadecimal, and uri, or a list),
/// `cairn:gln`, `cairn:partOf` and `cairn:validFrom` (RFC 3339).
package struct MasterDataDocument: Sendable {
  private typealias Element = (kind: Cairn_V1_MasterDataKind, node: JSONNode)

  /// Vocabularies that were left out, because they are none of places, parties and products.
  package private(set) var warnings: [EPCISWarning] = []
  private var elements: [(kind: Cairn_V1_MasterDataKind, node: JSONNode)] = []
  private var parents: [String: String] = [:]

  /// Reads a file's bytes. Throws NO_MASTER_DATA, WRONG_TYPE, FIELD_REQUIRED, or what `JSONParser` throws.
  package init(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(Failure) {
    let root = JSONNode(try JSONParser.parse(bytes, limits: limits))
    let places = [
      root.member("epcisHeader")?.member("epcisMasterData"), root.member("epcisBody"), root,
    ]
    guard let list = places.compactMap({ $0?.member("vocabularyList") }).first else {
      throw root.failure("NO_MASTER_DATA", "there is no vocabularyList; epcisHeader.epcisMasterData should hold one")
    }
    for vocabulary in try list.elements() { try add(vocabulary) }
  }

  /// How many things are described, well or badly.
  package var count: Int { elements.count }

  /// Where the description at `index` (0 ..< count) stands.
  package func pointer(at index: Int) -> String { elements[index].node.pointer.description }

  /// Reads the description at `index` (0 ..< count); it is not validated yet.
  package func masterData(at index: Int) throws(Failure) -> Cairn_V1_MasterData {
    var reader = MasterDataReader(elements[index].kind)
    var data = try reader.read(elements[index].node)
    if data.parent.isEmpty, let parent = parents[data.subject] { data.parent = parent }
    return data
  }

  private mutating func add(_ vocabulary: JSONNode) throws(Failure) {
    guard let type = vocabulary.member("type") ?? vocabulary.member("isA") else { throw vocabulary.missing("type") }
    guard let kind = Self.kind(try type.text()) else {
      warnings.append(
        EPCISWarning(
          reason: "VOCABULARY_NOT_RECORDED", pointer: vocabulary.pointer.description,
          message: "not recorded: neither locations nor parties nor classes of things"))
      return
    }
    guard let list = vocabulary.member("vocabularyElementList") else {
      throw vocabulary.missing("vocabularyElementList")
    }
    for element in try list.elements() {
      elements.append((kind, element))
      guard let id = element.member("id"), let children = element.member("children") else { continue }
      for child in try children.texts() where parents[child] == nil { parents[child] = try id.text() }
    }
  }

  /// The vocabularies of EPCIS 2.0 and of CBV 2.0, by the last word of their names.
  private static func kind(_ type: String) -> Cairn_V1_MasterDataKind? {
    switch type.split(whereSeparator: { ":/#".contains($0) }).last {
    case "BusinessLocation", "ReadPoint", "Location": .place
    case "Party", "SourceDest", "PossessingParty", "OwningParty": .party
    case "EPCClass": .product
    default: nil
    }
  }
}
