import FoundationEssentials
import Primitives
import Signing
import Testing
import Tokens

@Suite struct BearerTokenTests {
  private static let now = Instant(microseconds: 1_790_000_000_000_000)
  private static let seconds: Int64 = 1_790_000_000

  private let ledger = SHA256.hash(Array("a ledger".utf8))
  private let key: PrivateKey

  init() throws { key = try PrivateKey.generate(.ed25519) }

  /// Reads a token as the node would at a time; by default the only key it knows is `key`.
  private func read(_ token: String, at now: Instant = now, key other: PrivateKey? = nil) async throws -> BearerToken {
    let known = (other ?? key).publicKey
    return try await BearerToken(token, for: ledger, at: now) { id throws(Failure) in
      guard id == known.id else { throw Failure(.unauthenticated, "UNKNOWN_KEY", "no such key") }
      return known
    }
  }

  /// A token with these parts as they stand, signed by `key`.
  private func token(_ claims: String, header: String? = nil) throws -> String {
    let header = header ?? #"{"alg":"EdDSA","kid":"\#(key.publicKey.id)"}"#
    let signed = "\(Self.base64URL(Array(header.utf8))).\(Self.base64URL(Array(claims.utf8)))"
    return "\(signed).\(Self.base64URL(try key.sign(Array(signed.utf8))))"
  }

  private func claims(
    iss: String? = nil, aud: String? = nil, iat: String? = nil, exp: String? = nil, more: String = ""
  ) -> String {
    """
    {"iss":\(iss ?? "\"\(key.publicKey.id)\""),"aud":\(aud ?? "\"\(ledger)\""),"iat":\(iat ?? "\(Self.seconds)"),\
    "exp":\(exp ?? "\(Self.seconds + 60)")\(more)}
    """
  }

  private static func base64URL(_ bytes: [UInt8]) -> String {
    String(
      Data(bytes).base64EncodedString().compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  @Test(arguments: [Suite.ed25519, .ecdsaP256])
  func whatIsMadeIsTaken(suite: Suite) async throws {
    let key = try PrivateKey.generate(suite)
    let text = try await BearerToken.make(for: ledger, key: key, now: Self.now, minutes: 5)
    let token = try await read(text, key: key)
    #expect(token.keyID == key.publicKey.id)
    #expect(token.expiresAt == Instant(microseconds: (Self.seconds + 5 * 60 + 30) * 1_000_000))
    #expect(text.utf8.count < BearerToken.maxByteCount)
  }

  @Test func whatStandsThereByHandIsTaken() async throws {
    #expect(try await read(try token(claims())).keyID == key.publicKey.id)
    #expect(
      try await read(try token(claims(aud: #"["another","\#(ledger)"]"#, more: #","sub":7"#))).keyID == key.publicKey.id
    )
  }

  @Test func anSM2KeyMakesNoTokens() async throws {
    let key = try PrivateKey.generate(.sm2)
    let failure = await #expect(throws: Failure.self) {
      try await BearerToken.make(for: ledger, key: key, now: Self.now, minutes: 5)
    }
    #expect(failure?.reason == "UNSUPPORTED_KEY")
  }

  @Test(arguments: [0, -1, 61])
  func aTokenLastsFromAMinuteToAnHour(minutes: Int) async {
    let failure = await #expect(throws: Failure.self) {
      try await BearerToken.make(for: ledger, key: key, now: Self.now, minutes: minutes)
    }
    #expect(failure?.reason == "INVALID_LIFETIME")
  }

  @Test(arguments: [
    (-31, "TOKEN_NOT_YET_VALID"), (-30, nil), (0, nil), (89, nil), (90, "TOKEN_EXPIRED"), (1_000_000, "TOKEN_EXPIRED"),
  ])
  func clocksMayDifferByHalfAMinute(later: Int64, reason: String?) async throws {
    let text = try token(claims())
    let now = Instant(microseconds: (Self.seconds + later) * 1_000_000)
    guard let reason else {
      _ = try await read(text, at: now)
      return
    }
    let failure = await #expect(throws: Failure.self) { try await read(text, at: now) }
    #expect(failure?.reason == reason)
    #expect(failure?.kind == .unauthenticated)
  }

  @Test(arguments: [
    ("3600", "TOKEN_NOT_YET_VALID"), ("31", "TOKEN_NOT_YET_VALID"), ("30", nil), ("-3600", nil),
    ("1e300", "MALFORMED_TOKEN"),
  ])
  func aTokenIsNotGoodBeforeItsTime(later: String, reason: String?) async throws {
    let time = try #require(Double(later)) + Double(Self.seconds)
    let text = try token(claims(more: #","nbf":\#(time)"#))
    guard let reason else {
      _ = try await read(text)
      return
    }
    let failure = await #expect(throws: Failure.self) { try await read(text) }
    #expect(failure?.reason == reason)
  }

  @Test func aTokenForMoreThanAnHourIsRefused() async throws {
    _ = try await read(try token(claims(exp: "\(Self.seconds + 3_600)")))
    let failure = await #expect(throws: Failure.self) {
      try await read(try token(claims(exp: "\(Self.seconds + 3_601)")))
    }
    #expect(failure?.reason == "TOKEN_TOO_LONG_LIVED")
  }

  @Test(arguments: [#""another""#, "[]", #"["a","b"]"#, #""""#])
  func aTokenForAnotherLedgerIsRefused(audience: String) async throws {
    let failure = await #expect(throws: Failure.self) { try await read(try token(claims(aud: audience))) }
    #expect(failure?.reason == "WRONG_AUDIENCE")
  }

  @Test func anotherKeysSignatureIsRefused() async throws {
    let other = try PrivateKey.generate(.ed25519)
    let text = try await BearerToken.make(for: ledger, key: other, now: Self.now, minutes: 5)
    let unknown = await #expect(throws: Failure.self) { try await read(text) }
    #expect(unknown?.reason == "UNKNOWN_KEY")
    let signed = try token(claims()).split(separator: ".")
    let stolen = "\(signed[0]).\(signed[1]).\(text.split(separator: ".")[2])"
    let forged = await #expect(throws: Failure.self) { try await read(stolen) }
    #expect(forged?.reason == "BAD_SIGNATURE")
    let bare = await #expect(throws: Failure.self) { try await read("\(signed[0]).\(signed[1]).") }
    #expect(bare?.reason == "BAD_SIGNATURE")
  }

  @Test(arguments: ["none", "HS256", "ES256", "RS256", "eddsa", ""])
  func theAlgorithmIsTheKeys(algorithm: String) async throws {
    let header = #"{"alg":"\#(algorithm)","kid":"\#(key.publicKey.id)"}"#
    let failure = await #expect(throws: Failure.self) { try await read(try token(claims(), header: header)) }
    #expect(failure?.reason == "MALFORMED_TOKEN")
  }

  @Test(arguments: [
    #"{"alg":"EdDSA"}"#, #"{"alg":"EdDSA","kid":"x"}"#, #"{"alg":"EdDSA","kid":7}"#, "{}", "[]", "7", "", "\u{0}",
    String(repeating: "[", count: 2_000),
  ])
  func aHeaderNamesItsKey(header: String) async throws {
    let failure = await #expect(throws: Failure.self) { try await read(try token(claims(), header: header)) }
    #expect(failure?.reason == "MALFORMED_TOKEN")
  }

  @Test func anExtensionThatMustBeUnderstoodIsRefused() async throws {
    let header = #"{"alg":"EdDSA","kid":"\#(key.publicKey.id)","crit":["b64"],"b64":false}"#
    let failure = await #expect(throws: Failure.self) { try await read(try token(claims(), header: header)) }
    #expect(failure?.reason == "MALFORMED_TOKEN")
  }

  @Test(arguments: ["1e300", "-1e300", "null", "\"1790000060\"", "{}", "1e400"])
  func timesAreSecondsWithinReason(time: String) async throws {
    for claims in [claims(iat: time), claims(exp: time)] {
      let failure = await #expect(throws: Failure.self) { try await read(try token(claims)) }
      #expect(failure?.reason == "MALFORMED_TOKEN")
    }
  }

  @Test(arguments: ["", "x", ".", "..", "a.b.c", "a.b.c.d", String(repeating: "a", count: 4_097)])
  func whatIsNoTokenIsRefused(text: String) async throws {
    let failure = await #expect(throws: Failure.self) { try await read(text) }
    #expect(failure?.reason == "MALFORMED_TOKEN")
  }

  @Test func theIssuerIsTheKey() async throws {
    let failure = await #expect(throws: Failure.self) { try await read(try token(claims(iss: "\"acme\""))) }
    #expect(failure?.reason == "MALFORMED_TOKEN")
  }
}
