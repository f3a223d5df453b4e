extension Identifier {
  /// The subjects whose descriptions tell what this is, the closest first: itself, and what it is an extension, a lot or an
  /// instance of. None for what can neither be described nor belongs to a class, for example an SSCC.
  package var subjects: [String] {
    switch scheme {
    case .sscc, .giai, .ginc, .gsin: []
    case .sgtin, .upui: [key]
    case .grai: level == .instance ? [String(canonical.prefix(Self.prefix(of: "8003", digits: 14)))] : [canonical]
    case .gdti: level == .instance ? [String(canonical.prefix(Self.prefix(of: "253", digits: 13)))] : [canonical]
    case .sgcn: level == .instance ? [String(canonical.prefix(Self.prefix(of: "255", digits: 13)))] : [canonical]
    case .itip, .cpi: level == .instance ? [key] : level == .lot ? [canonical, key] : [canonical]
    case .sgln, .pgln, .gsrn, .gsrnp, .lgtin, .gtin: key == canonical ? [canonical] : [canonical, key]
    case .gid, .usdod, .adi, .bic, .imovn, .opaque: [canonical]
    }
  }

  /// The GLN that a place's or party's identifier holds.
  var gln: Substring? {
    scheme == .sgln || scheme == .pgln ? key.split(separator: "/").last : nil
  }

  /// The GS1 key without what qualifies it; every canonical Digital Link is `https://id.gs1.org/KEY/VALUE/…`.
  private var key: String {
    let parts = canonical.split(separator: "/", maxSplits: 5, omittingEmptySubsequences: false)
    return parts.prefix(5).joined(separator: "/")
  }

  private static func prefix(of identifier: String, digits: Int) -> Int {
    "https://id.gs1.org/\(identifier)/".utf8.count + digits
  }
}
