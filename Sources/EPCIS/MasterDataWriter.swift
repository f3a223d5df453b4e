import Primitives
package import Wire

/// Writes descriptions as JSON, with the names of the message's fields.
package enum MasterDataWriter {
  /// A description; what is absent is left out.
  package static func object(_ data: Cairn_V1_MasterData) -> JSONValue {
    var members: [JSONValue.Member] = []
    func add(_ name: String, _ text: String) { if !text.isEmpty { members.append(.init(name, .text(text))) } }
    add("subject", data.subject)
    add("kind", kind(data.kind))
    if data.withdrawn { members.append(.init("withdrawn", .boolean(true))) }
    if !data.names.isEmpty { members.append(.init("names", .array(data.names.map(text)))) }
    if data.hasAddress { members.append(.init("address", address(data.address))) }
    if data.hasLocation {
      let point = [("latitude", data.location.latitude), ("longitude", data.location.longitude)]
      members.append(.init("location", object(point)))
    }
    add("gln", data.gln)
    add("parent", data.parent)
    if !data.attributes.isEmpty {
      members.append(
        .init("attributes", .object(data.attributes.map { .init($0.name, value($0.value)) })))
    }
    if !data.images.isEmpty { members.append(.init("images", .array(data.images.map(image)))) }
    if data.validFromMicroseconds != 0 {
      add("validFrom", "\(Instant(microseconds: data.validFromMicroseconds))")
    }
    return .object(members)
  }

  /// What an attribute says; null where it says nothing.
  package static func value(_ value: Cairn_V1_ExtensionValue) -> JSONValue {
    (try? ObjectBuilder.value(value, field: "")) ?? .null
  }

  private static func kind(_ kind: Cairn_V1_MasterDataKind) -> String {
    switch kind {
    case .place: "PLACE"
    case .party: "PARTY"
    case .product: "PRODUCT"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }

  private static func text(_ text: Cairn_V1_LanguageText) -> JSONValue {
    object([("text", text.text), ("language", text.language)])
  }

  private static func address(_ address: Cairn_V1_PostalAddress) -> JSONValue {
    let rest = object([
      ("city", address.city), ("region", address.region), ("postalCode", address.postalCode),
      ("country", address.country),
    ])
    guard !address.street.isEmpty, case .object(let members) = rest else { return rest }
    return .object([.init("street", .array(address.street.map { .text($0) }))] + members)
  }

  private static func image(_ image: Cairn_V1_Image) -> JSONValue {
    object([("mediaType", image.mediaType), ("sha256", Hex.encode(image.sha256)), ("uri", image.uri)])
  }

  /// The members that are not empty.
  private static func object(_ members: [(String, String)]) -> JSONValue {
    .object(members.filter { !$0.1.isEmpty }.map { .init($0.0, .text($0.1)) })
  }
}
