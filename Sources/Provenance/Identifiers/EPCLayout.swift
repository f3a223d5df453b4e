/// How an EPC URN's components make up a GS1 key (EPC Tag Data Standard 2.0, section 7).
struct EPCLayout {
  /// Where the last component goes.
  enum Serial: Equatable {
    /// There is none.
    case none
    /// Behind the key, in the same element.
    case attached
    /// In an element of its own.
    case qualifier(ApplicationIdentifier)
  }

  let name: StaticString
  let key: ApplicationIdentifier
  /// Digits of company prefix and reference together; nil where the reference is not numeric.
  let digits: Int?
  /// Whether the reference's first digit stands in front of the company prefix in the key.
  var leadsWithIndicator = false
  /// Whether piece and total follow the reference.
  var hasPieces = false
  var serial = Serial.none
  /// Whether it is a lot, written `urn:epc:class`.
  var isLot = false

  private static let all = [
    EPCLayout(name: "sgtin", key: .gtin, digits: 13, leadsWithIndicator: true, serial: .qualifier(.serial)),
    EPCLayout(name: "sscc", key: .sscc, digits: 17, leadsWithIndicator: true),
    EPCLayout(name: "sgln", key: .gln, digits: 12, serial: .qualifier(.glnExtension)),
    EPCLayout(name: "lgtin", key: .gtin, digits: 13, leadsWithIndicator: true, serial: .qualifier(.lot), isLot: true),
    EPCLayout(name: "pgln", key: .partyGLN, digits: 12),
    EPCLayout(name: "grai", key: .grai, digits: 12, serial: .attached),
    EPCLayout(name: "giai", key: .giai, digits: nil),
    EPCLayout(name: "gdti", key: .gdti, digits: 12, serial: .attached),
    EPCLayout(name: "sgcn", key: .gcn, digits: 12, serial: .attached),
    EPCLayout(name: "gsrn", key: .gsrn, digits: 17),
    EPCLayout(name: "gsrnp", key: .gsrnp, digits: 17),
    EPCLayout(name: "ginc", key: .ginc, digits: nil),
    EPCLayout(name: "gsin", key: .gsin, digits: 16),
    EPCLayout(name: "cpi", key: .cpi, digits: nil, serial: .qualifier(.cpiSerial)),
    EPCLayout(
      name: "itip", key: .itip, digits: 13, leadsWithIndicator: true, hasPieces: true, serial: .qualifier(.serial)),
    EPCLayout(name: "upui", key: .gtin, digits: 13, leadsWithIndicator: true, serial: .qualifier(.thirdPartySerial)),
  ]

  /// The layout of the scheme named in a range of a URN.
  static func named(_ bytes: Span<UInt8>, _ range: Range<Int>) -> EPCLayout? {
    for layout in all
    where layout.name.utf8CodeUnitCount == range.count && bytes.hasPrefix(layout.name, at: range.lowerBound) {
      return layout
    }
    return nil
  }
}
