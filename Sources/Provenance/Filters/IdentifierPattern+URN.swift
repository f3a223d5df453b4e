import Primitives

extension IdentifierPattern {
  /// Reads a pure identity pattern (EPC Tag Data Standard 2.0, section 6.4), `urn:epc:idpat:…` or `urn:epc:class:lgtin:….*`;
  /// nil for any text that is no pattern.
  ///
  /// Stars stand at the end only. Where classes are looked for, the pattern of a GTIN's items is that GTIN and its lots.
  init?(_ text: String, ofClasses: Bool) throws(Failure) {
    let isLot = text.hasPrefix("urn:epc:class:") && text.hasSuffix(".*")
    guard isLot || text.hasPrefix("urn:epc:idpat:") else { return nil }
    let parts = text.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard text.utf8.count <= Identifier.maximumByteCount, parts.count == 5, let pattern = Components(parts[4]) else {
      throw Self.invalid
    }
    let (scheme, span) = (parts[3], parts[3].utf8.span)
    guard let layout = EPCLayout.named(span, 0..<span.count) else {
      self = try Self.foreign(scheme, pattern)
      return
    }
    if pattern.stars == 0 {
      let urn = "urn:epc:\(layout.isLot ? "class" : "id"):\(scheme):\(parts[4])"
      self.init(beginning: Array(try Identifier(urn).canonical.utf8), tail: .end)
    } else {
      try self.init(layout, pattern, ofClasses: ofClasses)
    }
  }

  private init(_ layout: EPCLayout, _ pattern: Components, ofClasses: Bool) throws(Failure) {
    guard pattern.count == layout.componentCount else {
      throw .identifier(
        "INVALID_PATTERN", "a pattern of \(layout.name) has \(layout.componentCount) components, not \(pattern.count)")
    }
    let isReferenceOpen = pattern.given.count < layout.componentCount - (layout.serial == .none ? 0 : 1)
    guard isReferenceOpen || layout.serial == .none else {
      self.init(
        beginning: Array(try layout.canonical(of: pattern.given).utf8),
        tail: Self.tail(layout, ofClasses: ofClasses, isAttached: false))
      return
    }
    guard pattern.given.count <= 1 else {
      throw .identifier("INVALID_PATTERN", "where the reference is given, piece and total are given too")
    }
    self.init(
      beginning: try layout.beginning(prefix: pattern.given.first ?? ""),
      tail: Self.tail(layout, ofClasses: ofClasses, isAttached: layout.digits == nil))
  }

  /// What follows the reference; `isAttached` where that is open and as long as it may be.
  private static func tail(_ layout: EPCLayout, ofClasses: Bool, isAttached: Bool) -> Tail {
    switch layout.serial {
    case .none: isAttached ? .attached : .end
    case .attached: ofClasses ? .end : .attached
    case .qualifier(.glnExtension): .optional(.glnExtension)
    case .qualifier(.lot): .qualifier(.lot)
    case .qualifier(let serial) where isAttached: .attachedThen(ofClasses ? nil : serial)
    case .qualifier(.cpiSerial) where ofClasses: .end
    case .qualifier where ofClasses: .optional(.lot)
    case .qualifier(let serial): .qualifier(serial)
    }
  }

  /// A scheme that Digital Link cannot express keeps its URN.
  private static func foreign(_ scheme: String, _ pattern: Components) throws(Failure) -> IdentifierPattern {
    guard ["gid", "usdod", "adi", "bic", "imovn"].contains(scheme), pattern.stars > 0 else { throw invalid }
    let given = pattern.given.map { $0 + "." }.joined()
    return IdentifierPattern(beginning: Array("urn:epc:id:\(scheme):\(given)".utf8), tail: .rest)
  }

  private static var invalid: Failure {
    .identifier(
      "INVALID_PATTERN",
      "is no pattern; write for example urn:epc:idpat:sgtin:0614141.112345.*, with stars at its end only")
  }

  /// The components of a pattern: some that are given, then stars.
  private struct Components {
    let given: [String]
    let stars: Int
    var count: Int { given.count + stars }

    init?(_ text: String) {
      let all = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      given = Array(all.prefix { $0 != "*" })
      stars = all.count - given.count
      guard all.dropFirst(given.count).allSatisfy({ $0 == "*" }) else { return nil }
      guard stars == 0 || given.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(open) }) else { return nil }
    }
  }
}

extension EPCLayout {
  /// Company prefix, reference, piece and total, serial.
  fileprivate var componentCount: Int {
    2 + (hasPieces ? 2 : 0) + (serial == .none ? 0 : 1)
  }

  /// The canonical identifier of the class, or place, that these components name.
  fileprivate func canonical(of components: [String]) throws(Failure) -> String {
    let body = components.joined(separator: ".")
    switch serial {
    case .qualifier(.glnExtension): return try Identifier("urn:epc:id:\(name):\(body).0").canonical
    case .qualifier(.lot): return try Identifier("urn:epc:idpat:sgtin:\(body).*").canonical
    default: return try Identifier("urn:epc:idpat:\(name):\(body).*").canonical
    }
  }

  /// How canonical identifiers begin that have this company prefix, or any.
  fileprivate func beginning(prefix: String) throws(Failure) -> [UInt8] {
    guard prefix.isEmpty || (6...12).contains(prefix.utf8.count), prefix.utf8.allSatisfy(\.isDigit) else {
      throw .identifier("INVALID_COMPANY_PREFIX", "company prefix '\(prefix.prefix(64))' is not 6 to 12 digits")
    }
    var bytes = Array("\(Elements.origin)/\(key.text)/".utf8)
    let end = bytes.count + key.format.digits
    if key == .grai { bytes.append(UInt8(ascii: "0")) }
    if leadsWithIndicator { bytes.append(IdentifierPattern.open) }
    bytes += prefix.utf8
    while bytes.count < end { bytes.append(IdentifierPattern.open) }
    return bytes
  }
}
