import JWTKit

/// What a token says (RFC 7519, section 4.1). Times are seconds since 1970-01-01T00:00:00Z.
struct TokenClaims: JWTPayload {
  let iss: String
  let aud: Audience
  let iat: Double
  let exp: Double
  /// Not good before this time, where it is given.
  var nbf: Double?

  /// Whom a token is for: one name, or several.
  struct Audience: Codable, Sendable {
    let names: [String]

    init(names: [String]) { self.names = names }

    // JWTKit's own claim stops the process at an empty list.
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let name = try? container.decode(String.self) {
        names = [name]
      } else {
        names = try container.decode([String].self)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(names.first)
    }
  }

  /// The claims are judged where the ledger and its time are known.
  func verify(using algorithm: some JWTAlgorithm) {}
}
