import Primitives
import SwiftProtobuf
import Wire

/// The rules of a description, one function each; they name the field and change nothing.
enum MasterDataRules {
  /// An identifier that can name something of that kind.
  static func identifier(
    _ field: String, _ text: String, of kind: Cairn_V1_MasterDataKind
  ) throws(Failure) -> Identifier {
    let expected: String
    switch kind {
    case .place: expected = "a place is named by its GLN, with or without extension, or by another URI"
    case .party: expected = "a party is named by its party GLN, GLN or GSRN, or by another URI"
    case .product: expected = "a product is named by its GTIN, a lot or another class, or by another URI"
    case .unspecified, .UNRECOGNIZED:
      throw .malformed("UNKNOWN_KIND", field: "kind", "is none of place, party and product")
    }
    let identifier = try at(field) { () throws(Failure) in try Identifier(text) }
    guard names(identifier, kind) else { throw .malformed("WRONG_IDENTIFIER", field: field, expected) }
    return identifier
  }

  private static func names(_ identifier: Identifier, _ kind: Cairn_V1_MasterDataKind) -> Bool {
    switch identifier.scheme {
    case .sgln: kind == .place || kind == .party
    case .pgln, .gsrn, .gsrnp: kind == .party
    case .gtin, .lgtin, .itip, .cpi, .grai, .gdti, .sgcn: kind == .product && identifier.level != .instance
    case .sgtin, .upui, .sscc, .giai, .ginc, .gsin: false
    case .gid, .usdod, .adi, .bic, .imovn, .opaque: true
    }
  }

  static func validFrom(_ microseconds: Int64) throws(Failure) -> Instant? {
    if microseconds == 0 { return nil }
    let instant = Instant(microseconds: microseconds)
    guard instant.isWithinCalendar else {
      throw .malformed("TIME_OUT_OF_RANGE", field: "valid_from_microseconds", "is before year 1 or after year 9999")
    }
    return instant
  }

  /// Who gives a subject up says nothing more of it.
  static func nothingBesideWithdrawal(_ masterData: Cairn_V1_MasterData) throws(Failure) {
    let stated = [
      ("names", !masterData.names.isEmpty), ("address", masterData.hasAddress), ("location", masterData.hasLocation),
      ("gln", !masterData.gln.isEmpty), ("parent", !masterData.parent.isEmpty),
      ("attributes", !masterData.attributes.isEmpty), ("images", !masterData.images.isEmpty),
    ]
    if let (field, _) = stated.first(where: \.1) {
      throw .malformed("MISPLACED_FIELD", field: field, "has no place beside withdrawn")
    }
  }

  static func names(_ names: [Cairn_V1_LanguageText]) throws(Failure) {
    guard !names.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "names", "is missing or empty: a description has at least one name")
    }
    try count("names", names.count, limit: MasterDataLimits.nameCount)
    var languages: Set<String> = []
    for (index, name) in names.enumerated() {
      try at("names[\(index)]") { () throws(Failure) in
        guard !name.text.isEmpty else { throw Failure.malformed("MISSING_FIELD", field: "text", "is empty") }
        try text("text", name.text)
        if !name.language.isEmpty { try language(name.language) }
        guard languages.insert(name.language.lowercased()).inserted else {
          throw Failure.malformed("DUPLICATE_LANGUAGE", field: "language", "has a name already; state one a language")
        }
      }
    }
  }

  static func address(_ address: Cairn_V1_PostalAddress) throws(Failure) {
    try at("address") { () throws(Failure) in
      try count("street", address.street.count, limit: MasterDataLimits.streetCount)
      for (index, line) in address.street.enumerated() { try text("street[\(index)]", line) }
      try text("city", address.city)
      try text("region", address.region)
      try text("postal_code", address.postalCode)
      guard address.country.isEmpty || Country.codes.contains(address.country) else {
        throw Failure.malformed(
          "UNKNOWN_COUNTRY", field: "country", "an ISO 3166-1 alpha-2 code expected, for example PT")
      }
      let parts = address.street + [address.city, address.region, address.postalCode, address.country]
      guard parts.contains(where: { !$0.isEmpty }) else {
        throw Failure.malformed("MISSING_FIELD", field: "", "says nothing; leave it out")
      }
    }
  }

  static func location(_ masterData: Cairn_V1_MasterData) throws(Failure) -> GeoPoint {
    guard masterData.kind != .product else {
      throw .malformed("MISPLACED_FIELD", field: "location", "a product is nowhere; its events say where it was")
    }
    let point = masterData.location
    return try at("location") { () throws(Failure) in
      try GeoPoint(latitude: point.latitude, longitude: point.longitude)
    }
  }

  static func gln(_ masterData: Cairn_V1_MasterData, of subject: Identifier) throws(Failure) {
    let gln = masterData.gln
    if gln.isEmpty { return }
    guard masterData.kind != .product else {
      throw .malformed("MISPLACED_FIELD", field: "gln", "a product has a GTIN and no GLN")
    }
    guard gln.utf8.count == 13, gln.utf8.allSatisfy(\.isDigit) else {
      throw .malformed("INVALID_GLN", field: "gln", "a GLN has 13 digits")
    }
    _ = try at("gln") { () throws(Failure) in try Identifier("(414)\(gln)") }
    if let own = subject.gln, own != gln {
      throw .malformed("GLN_MISMATCH", field: "gln", "is \(gln), but the subject's own GLN is \(own)")
    }
  }

  static func parent(_ masterData: Cairn_V1_MasterData, of subject: Identifier) throws(Failure) -> String? {
    if masterData.parent.isEmpty { return nil }
    let parent = try identifier("parent", masterData.parent, of: masterData.kind)
    guard parent != subject else {
      throw .malformed("OWN_PARENT", field: "parent", "is the subject itself")
    }
    return parent.canonical
  }

  static func attributes(_ attributes: [Cairn_V1_Extension]) throws(Failure) {
    try count("attributes", attributes.count, limit: MasterDataLimits.attributeCount)
    var rules = ExtensionRules()
    try rules.check("attributes", attributes)
  }

  static func images(_ images: [Cairn_V1_Image]) throws(Failure) {
    try count("images", images.count, limit: MasterDataLimits.imageCount)
    for (index, image) in images.enumerated() {
      try at("images[\(index)]") { () throws(Failure) in
        try mediaType(image.mediaType)
        guard image.sha256.count == 32 else {
          throw Failure.malformed(
            "MALFORMED_DIGEST", field: "sha256", "\(image.sha256.count) bytes; a SHA-256 has 32")
        }
        try Rules.optionalURI("uri", image.uri)
      }
    }
  }
}

extension MasterDataRules {
  private static func count(_ field: String, _ count: Int, limit: Int) throws(Failure) {
    guard count <= limit else {
      throw .malformed("LIST_TOO_LONG", field: field, "has \(count) elements; at most \(limit) are allowed")
    }
  }

  /// A text on one line.
  private static func text(_ field: String, _ text: String) throws(Failure) {
    try Rules.text(field, text, limit: MasterDataLimits.textByteCount)
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .malformed("INVALID_CHARACTER", field: field, "must not contain control characters such as line breaks")
    }
  }

  /// The shape of a language tag (RFC 5646, section 2.1): letters, then parts of letters and digits, none above eight.
  private static func language(_ tag: String) throws(Failure) {
    let parts = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let isTag =
      tag.utf8.count <= MasterDataLimits.languageByteCount
      && parts.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy { $0.isLetter || $0.isDigit } }
      && parts.first.map { $0.count >= 2 && $0.allSatisfy(\.isLetter) } == true
    guard isTag else {
      throw .malformed("INVALID_LANGUAGE", field: "language", "is no language tag (BCP 47), for example pt or zh-Hans")
    }
  }

  /// Type and subtype (RFC 6838, section 4.2), without parameters.
  private static func mediaType(_ type: String) throws(Failure) {
    let names = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard names.count == 2, names.allSatisfy(isRestrictedName) else {
      throw .malformed("INVALID_MEDIA_TYPE", field: "media_type", "is no media type, for example image/jpeg")
    }
  }

  private static func isRestrictedName(_ name: Substring.UTF8View) -> Bool {
    guard (1...127).contains(name.count), let first = name.first, first.isLetter || first.isDigit else { return false }
    return name.allSatisfy { $0.isLetter || $0.isDigit || "!#$&-^_.+".utf8.contains($0) }
  }
}
