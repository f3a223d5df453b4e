import FoundationEssentials
import Primitives
import Wire

/// Reads one element of a vocabulary.
struct MasterDataReader {
  /// Attributes of a product that can stand in for its name, the best first.
  private static let productNames = [
    "descriptionShort", "tradeItemDescription", "regulatedProductName", "functionalName",
  ]

  private var data = Cairn_V1_MasterData()
  private var street: [String: String] = [:]
  private var productNames: [String: [Cairn_V1_LanguageText]] = [:]

  init(_ kind: Cairn_V1_MasterDataKind) { data.kind = kind }

  mutating func read(_ element: JSONNode) throws(Failure) -> Cairn_V1_MasterData {
    for (name, member) in try element.members() {
      switch name {
      case "id": data.subject = try member.text()
      case "attributes":
        for attribute in try member.elements() { try read(attribute: attribute) }
      case "children", "type", "isA": break
      default:
        throw member.failure("UNKNOWN_FIELD", "an element has id, attributes and children; this is an attribute")
      }
    }
    guard !data.subject.isEmpty else { throw element.missing("id") }
    let lines = ["streetAddressOne", "streetAddressTwo", "streetAddressThree"].compactMap { street[$0] }
    if !lines.isEmpty { data.address.street = lines }
    if data.names.isEmpty {
      data.names = Self.productNames.compactMap { productNames[$0] }.first ?? []
    }
    return data
  }

  private mutating func read(attribute node: JSONNode) throws(Failure) {
    guard let id = node.member("id") else { throw node.missing("id") }
    guard let value = node.member("attribute") else { throw node.missing("attribute") }
    // Left empty by tools that write every attribute.
    if case .text("") = value.value { return }
    let name = try id.text()
    if name.hasPrefix("cairn:") { return try readOwn(String(name.dropFirst(6)), value, id) }
    if let word = CBVAttribute.word(of: name), try readStandard(word, value) { return }
    var attribute = Cairn_V1_Extension()
    attribute.name = name
    attribute.value = try Extensions.value(value)
    data.attributes.append(attribute)
  }

  /// Takes an attribute that has a field of its own; says whether it is one.
  private mutating func readStandard(_ word: String, _ value: JSONNode) throws(Failure) -> Bool {
    switch word {
    case "name": data.names += try Self.texts(value)
    case "streetAddressOne", "streetAddressTwo", "streetAddressThree": street[word] = try value.text()
    case "city": data.address.city = try value.text()
    case "state": data.address.region = try value.text()
    case "postalCode": data.address.postalCode = try value.text()
    case "countryCode": data.address.country = try value.text()
    case "latitude": data.location.latitude = try Self.decimal(value)
    case "longitude": data.location.longitude = try Self.decimal(value)
    default:
      if data.kind == .product, Self.productNames.contains(word) { productNames[word] = try Self.texts(value) }
      return false
    }
    return true
  }

  private mutating func readOwn(_ word: String, _ value: JSONNode, _ id: JSONNode) throws(Failure) {
    switch word {
    case "gln": data.gln = try value.text()
    case "partOf": data.parent = try value.text()
    case "validFrom": data.validFromMicroseconds = try value.time().instant.microseconds
    case "image":
      if case .array = value.value {
        for image in try value.elements() { data.images.append(try Self.image(image)) }
      } else {
        data.images.append(try Self.image(value))
      }
    default:
      throw id.failure("UNKNOWN_FIELD", "cairn: has gln, partOf, validFrom and image; give your own another prefix")
    }
  }

  /// A text, a JSON-LD value object with its language, or a list of these.
  private static func texts(_ node: JSONNode) throws(Failure) -> [Cairn_V1_LanguageText] {
    var texts: [Cairn_V1_LanguageText] = []
    switch node.value {
    case .array:
      for element in try node.elements() { texts += try Self.texts(element) }
    case .object:
      guard let value = node.member("@value") else { throw node.missing("@value") }
      var text = Cairn_V1_LanguageText()
      text.text = try value.text()
      text.language = try node.member("@language")?.text() ?? ""
      texts = [text]
    default:
      var text = Cairn_V1_LanguageText()
      text.text = try node.text()
      texts = [text]
    }
    return texts
  }

  private static func decimal(_ node: JSONNode) throws(Failure) -> String {
    if case .number(let number) = node.value { return number }
    return try node.text()
  }

  private static func image(_ node: JSONNode) throws(Failure) -> Cairn_V1_Image {
    var image = Cairn_V1_Image()
    for (name, member) in try node.members() {
      switch name {
      case "mediaType": image.mediaType = try member.text()
      case "sha256":
        guard let digest = Digest(hex: try member.text()) else {
          throw member.failure("MALFORMED_DIGEST", "a SHA-256 is 64 hexadecimal characters")
        }
        image.sha256 = Data(digest.bytes)
      case "uri": image.uri = try member.text()
      default: throw member.failure("UNKNOWN_FIELD", "an image has mediaType, sha256 and uri")
      }
    }
    return image
  }
}
