/// A company that makes goods and how its software spells identifiers.
struct Company {
  /// How identifiers, vocabulary and times are written.
  enum Style { case digitalLink, urn }

  /// Seven digits; GS1 keeps prefixes from 952 on for demonstrations.
  let prefix: String
  let style: Style

  init(_ number: Int) {
    prefix = String(9_520_000 + number)
    style = number % 2 == 0 ? .digitalLink : .urn
  }

  /// An SGTIN.
  func item(product: Int, serial: String) -> String {
    let reference = Self.digits(product, 5)
    switch style {
    case .urn: return "urn:epc:id:sgtin:\(prefix).0\(reference).\(serial)"
    case .digitalLink:
      let gtin = "0" + prefix + reference
      return "https://id.gs1.org/01/\(gtin)\(Self.checkDigit(gtin))/21/\(serial)"
    }
  }

  /// An SSCC. `kind` is its extension digit, 0 to 9.
  func container(kind: Int, number: Int) -> String {
    let serial = Self.digits(number, 9)
    switch style {
    case .urn: return "urn:epc:id:sscc:\(prefix).\(kind)\(serial)"
    case .digitalLink:
      let sscc = "\(kind)" + prefix + serial
      return "https://id.gs1.org/00/\(sscc)\(Self.checkDigit(sscc))"
    }
  }

  /// An SGLN.
  func place(_ number: Int, in style: Style) -> String {
    let reference = Self.digits(number, 5)
    switch style {
    case .urn: return "urn:epc:id:sgln:\(prefix).\(reference).0"
    case .digitalLink:
      let gln = prefix + reference
      return "https://id.gs1.org/414/\(gln)\(Self.checkDigit(gln))"
    }
  }

  /// The mod 10 check digit, weights 3 and 1 from the right (GS1 General Specifications, section 7.9).
  private static func checkDigit(_ digits: String) -> Int {
    var sum = 0
    var weight = 3
    for digit in digits.utf8.reversed() {
      sum += Int(digit - UInt8(ascii: "0")) * weight
      weight = 4 - weight
    }
    return (10 - sum % 10) % 10
  }

  static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
