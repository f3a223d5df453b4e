import Primitives

/// The GS1 application identifiers that make up a key or qualify one (GS1 General Specifications, section 3).
enum ApplicationIdentifier: UInt16 {
  case sscc = 0
  case gtin = 1
  case lot = 10
  case serial = 21
  case variant = 22
  case thirdPartySerial = 235
  case gdti = 253
  case glnExtension = 254
  case gcn = 255
  case ginc = 401
  case gsin = 402
  case gln = 414
  case partyGLN = 417
  case grai = 8003
  case giai = 8004
  case itip = 8006
  case cpi = 8010
  case cpiSerial = 8011
  case gsrnp = 8017
  case gsrn = 8018
  case serviceRelation = 8019

  /// Reads two to four digits; nil where they name none of these.
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    guard (2...4).contains(range.count) else { return nil }
    var number = 0
    for index in range {
      guard bytes[index].isDigit else { return nil }
      number = number * 10 + bytes[index].digitValue
    }
    self.init(rawValue: UInt16(number))
    guard width == range.count else { return nil }
  }

  /// How many digits it is written with.
  var width: Int { rawValue < 100 ? 2 : rawValue < 1_000 ? 3 : 4 }

  /// As it is written, for messages.
  var text: String { rawValue < 10 ? "0\(rawValue)" : "\(rawValue)" }

  /// Whether it names something by itself.
  var isKey: Bool {
    switch self {
    case .lot, .serial, .variant, .thirdPartySerial, .glnExtension, .cpiSerial, .serviceRelation: false
    default: true
    }
  }

  /// Where a qualifier of `key` stands in order (GS1 Digital Link 1.3, section 4.6); nil where it does not qualify it.
  func rank(under key: ApplicationIdentifier) -> Int? {
    switch (key, self) {
    case (.gtin, .variant), (.itip, .variant): 1
    case (.gtin, .lot), (.itip, .lot): 2
    case (.gtin, .serial), (.itip, .serial), (.gtin, .thirdPartySerial): 3
    case (.gln, .glnExtension), (.cpi, .cpiSerial), (.gsrn, .serviceRelation), (.gsrnp, .serviceRelation): 3
    default: nil
    }
  }

  /// What may follow a key, for messages.
  var qualifierOrder: String {
    switch self {
    case .gtin: "22, 10, 21 in this order, or 235 alone"
    case .itip: "22, 10, 21 in this order"
    case .gln: "254"
    case .cpi: "8011"
    case .gsrn, .gsrnp: "8019"
    default: "nothing"
    }
  }

  /// The form of the value.
  var format: Format {
    switch self {
    case .sscc, .gsrn, .gsrnp: Format(digits: 18, checked: 0..<17)
    case .gtin: Format(digits: 14, checked: 0..<13)
    case .lot, .serial, .variant, .glnExtension: Format(tail: .set82, 1...20)
    case .thirdPartySerial: Format(tail: .set82, 1...28)
    case .gdti: Format(digits: 13, checked: 0..<12, tail: .set82, 0...17)
    case .gcn: Format(digits: 13, checked: 0..<12, tail: .digits, 0...12)
    case .ginc, .giai: Format(tail: .set82, 1...30, leadsWithPrefix: true)
    case .gsin: Format(digits: 17, checked: 0..<16)
    case .gln, .partyGLN: Format(digits: 13, checked: 0..<12)
    case .grai: Format(digits: 14, checked: 1..<13, tail: .set82, 0...16)
    case .itip: Format(digits: 18, checked: 0..<13)
    case .cpi: Format(tail: .set39, 1...30, leadsWithPrefix: true)
    case .cpiSerial: Format(tail: .digits, 1...12)
    case .serviceRelation: Format(tail: .digits, 1...10)
    }
  }

  /// Leading digits with a check digit after `checked`, then a tail.
  struct Format {
    var digits = 0
    var checked: Range<Int>?
    var tail: CharacterSet
    var tailCount: ClosedRange<Int>
    var leadsWithPrefix = false

    init(digits: Int, checked: Range<Int>) {
      self.init(digits: digits, checked: checked, tail: .digits, 0...0)
    }

    init(
      digits: Int = 0, checked: Range<Int>? = nil, tail: CharacterSet, _ tailCount: ClosedRange<Int>,
      leadsWithPrefix: Bool = false
    ) {
      self.digits = digits
      self.checked = checked
      self.tail = tail
      self.tailCount = tailCount
      self.leadsWithPrefix = leadsWithPrefix
    }
  }
}
