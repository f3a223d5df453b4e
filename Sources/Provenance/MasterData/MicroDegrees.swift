package import Primitives

/// An angle in millionths of a degree, read and written without binary floating point.
package struct MicroDegrees: Hashable, Sendable {
  /// Millionths of a degree: -180,000,000 to 180,000,000.
  package let value: Int32

  private static let unit = 1_000_000
  private static let digits = 6

  /// Reads decimal degrees such as `-7.86323`, at most six digits behind the point, from -`limit` to `limit`; anything
  /// else is refused with INVALID_COORDINATE.
  package init(_ text: String, limit: Int) throws(Failure) {
    guard let decimal = Decimal(text), decimal.fraction.count <= Self.digits else {
      throw Self.failure("is no decimal number with at most six digits behind the point, for example 38.01507")
    }
    guard let value = decimal.microDegrees, value.magnitude <= limit * Self.unit else {
      throw Self.failure("is not between -\(limit) and \(limit)")
    }
    self.value = Int32(value)
  }

  private init(value: Int32) { self.value = value }

  /// The nearest value to decimal degrees with any number of digits, halves away from zero, and a leading plus sign allowed;
  /// nil for what is no decimal number up to 180.
  package static func rounded(_ text: String) -> MicroDegrees? {
    guard let decimal = Decimal(text.first == "+" ? String(text.dropFirst()) : text), let value = decimal.microDegrees,
      value.magnitude <= 180 * unit
    else { return nil }
    return MicroDegrees(value: Int32(value))
  }

  private static func failure(_ description: String) -> Failure {
    .malformed("INVALID_COORDINATE", field: "", description)
  }

  /// Digits before and behind the point.
  private struct Decimal {
    private let isNegative: Bool
    private let whole: ArraySlice<UInt8>
    let fraction: ArraySlice<UInt8>

    init?(_ text: String) {
      var bytes = Array(text.utf8)[...]
      guard bytes.count <= 64 else { return nil }
      isNegative = bytes.first == UInt8(ascii: "-")
      if isNegative { bytes.removeFirst() }
      whole = bytes.prefix { $0.isDigit }
      let rest = bytes[whole.endIndex...]
      fraction = rest.dropFirst()
      guard (1...3).contains(whole.count), rest.isEmpty || rest.first == UInt8(ascii: "."),
        rest.isEmpty || !fraction.isEmpty, fraction.allSatisfy(\.isDigit)
      else { return nil }
    }

    /// Rounded to millionths, halves away from zero.
    var microDegrees: Int? {
      let kept = fraction.prefix(MicroDegrees.digits)
      var value = (Array(whole) + Array(kept)).reduce(0) { $0 * 10 + $1.digitValue }
      for _ in kept.count..<MicroDegrees.digits { value *= 10 }
      if let next = fraction.dropFirst(MicroDegrees.digits).first, next.digitValue >= 5 { value += 1 }
      return isNegative ? -value : value
    }
  }
}

extension MicroDegrees: CustomStringConvertible {
  /// Decimal degrees with as many digits as needed, for example `-7.86323`.
  package var description: String {
    let magnitude = Int(value.magnitude)
    var fraction = String(magnitude % Self.unit + Self.unit).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return (value < 0 ? "-" : "") + "\(magnitude / Self.unit)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}

/// A point on the Earth (WGS 84).
package struct GeoPoint: Hashable, Sendable {
  /// North is positive.
  package let latitude: MicroDegrees
  /// East is positive.
  package let longitude: MicroDegrees

  /// Reads decimal degrees; a failure names `latitude` or `longitude`.
  package init(latitude: String, longitude: String) throws(Failure) {
    self.latitude = try at("latitude") { () throws(Failure) in try MicroDegrees(latitude, limit: 90) }
    self.longitude = try at("longitude") { () throws(Failure) in try MicroDegrees(longitude, limit: 180) }
  }
}

extension GeoPoint {
  /// The point of a geo URI in WGS 84 (RFC 5870), for example `geo:47.3783,8.5417`, rounded; nil for anything else.
  package init?(uri: String) {
    guard uri.prefix(4).lowercased() == "geo:" else { return nil }
    let parts = uri.dropFirst(4).split(separator: ";", omittingEmptySubsequences: false)
    let isWGS84 = parts.dropFirst().allSatisfy { $0.prefix(4).lowercased() != "crs=" || $0.lowercased() == "crs=wgs84" }
    let coordinates = parts.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    guard isWGS84, (2...3).contains(coordinates.count), let latitude = MicroDegrees.rounded(String(coordinates[0])),
      let longitude = MicroDegrees.rounded(String(coordinates[1])), latitude.value.magnitude <= 90_000_000
    else { return nil }
    self.latitude = latitude
    self.longitude = longitude
  }
}
