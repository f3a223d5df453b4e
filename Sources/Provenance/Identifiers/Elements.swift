import Primitives

/// What all spellings come to: a GS1 key and the qualifier that identifies most finely.
struct Elements {
  let key: Element
  private(set) var qualifier: Element?
  private var rank = 0
  /// Whether the text was found to be exactly what `canonical` would produce.
  var isSpelledCanonically = false

  init(_ key: Element) { self.key = key }

  /// Takes a qualifier in any order; the finest one stays.
  mutating func qualify(by element: Element) throws(Failure) {
    guard let rank = element.identifier.rank(under: key.identifier) else {
      throw misplaced(element.identifier)
    }
    let isThirdParty = element.identifier == .thirdPartySerial || qualifier?.identifier == .thirdPartySerial
    guard qualifier?.identifier != element.identifier, !(isThirdParty && self.rank > 0) else {
      throw misplaced(element.identifier)
    }
    guard rank > self.rank else { return }
    self.rank = rank
    qualifier = Self.isNoExtension(element) ? nil : element
  }

  /// Takes a qualifier that must come in the order of GS1 Digital Link.
  mutating func qualify(inOrderBy element: Element) throws(Failure) {
    guard let rank = element.identifier.rank(under: key.identifier), rank > self.rank else {
      throw misplaced(element.identifier)
    }
    try qualify(by: element)
  }

  private func misplaced(_ identifier: ApplicationIdentifier) -> Failure {
    .identifier(
      "INVALID_QUALIFIER",
      "(\(identifier.text)) cannot stand here; (\(key.identifier.text)) is followed by \(key.identifier.qualifierOrder)"
    )
  }

  /// The extension 0 of a location means that it has none (EPC Tag Data Standard 2.0, section 6.3.3).
  private static func isNoExtension(_ element: Element) -> Bool {
    element.identifier == .glnExtension && element.value.count == 1 && element.value[0] == UInt8(ascii: "0")
  }

  /// Scheme and level.
  var meaning: (Identifier.Scheme, Identifier.Level) {
    let isSerial = key.value.count > key.identifier.format.digits
    switch key.identifier {
    case .gtin:
      switch qualifier?.identifier {
      case .serial: return (.sgtin, .instance)
      case .thirdPartySerial: return (.upui, .instance)
      case .lot: return (.lgtin, .lot)
      default: return (.gtin, .class)
      }
    case .itip:
      switch qualifier?.identifier {
      case .serial: return (.itip, .instance)
      case .lot: return (.itip, .lot)
      default: return (.itip, .class)
      }
    case .cpi: return (.cpi, qualifier == nil ? .class : .instance)
    case .grai: return (.grai, isSerial ? .instance : .class)
    case .gdti: return (.gdti, isSerial ? .instance : .class)
    case .gcn: return (.sgcn, isSerial ? .instance : .class)
    case .gln: return (.sgln, .instance)
    case .partyGLN: return (.pgln, .instance)
    case .giai: return (.giai, .instance)
    case .gsrn: return (.gsrn, .instance)
    case .gsrnp: return (.gsrnp, .instance)
    case .ginc: return (.ginc, .instance)
    case .gsin: return (.gsin, .instance)
    default: return (.sscc, .instance)
    }
  }

  /// The same without what does not make it another thing for CBV 2.0's event hash (section 8.9, rule 18): a consumer product
  /// variant, a service relation.
  var withoutVariant: Elements {
    guard qualifier?.identifier == .variant || qualifier?.identifier == .serviceRelation else { return self }
    var plain = self
    plain.qualifier = nil
    return plain
  }

  /// The GS1 Digital Link on id.gs1.org.
  var canonical: String {
    String(unsafeUninitializedCapacity: canonicalByteCount) { buffer in
      var offset = 0
      Self.origin.withUTF8Buffer { origin in
        for byte in origin {
          buffer[offset] = byte
          offset += 1
        }
      }
      offset = key.write(to: buffer, at: offset)
      if let qualifier { offset = qualifier.write(to: buffer, at: offset) }
      return offset
    }
  }

  /// The number of bytes in `canonical`.
  var canonicalByteCount: Int {
    Self.origin.utf8CodeUnitCount + key.canonicalByteCount + (qualifier?.canonicalByteCount ?? 0)
  }

  /// Where canonical Digital Links live.
  static let origin: StaticString = "https://id.gs1.org"
}
