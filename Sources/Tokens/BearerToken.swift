import FoundationEssentials
import JWTKit
package import Primitives
package import Signing

/// A JWT (RFC 7519) by which the holder of a registered key says who it is: `alg` EdDSA or ES256, `kid` and `iss` the key's
/// id in hexadecimal, `aud` the ledger's id in hexadecimal, `iat` and `exp`. Whoever has it can use it, so it is never
/// logged, lives an hour at most, and is good for one ledger.
package struct BearerToken: Sendable {
  /// The longest token, in bytes.
  package static let maxByteCount = 4_096
  /// The longest time from `iat` to `exp`, in minutes.
  package static let maxMinutes = 60
  /// How far the clocks of client and node may differ, in seconds.
  package static let leewaySeconds = 30

  /// The key that signed it.
  package let keyID: KeyID
  /// Good before this time, leeway included.
  package let expiresAt: Instant

  /// Makes a token for one ledger that is good for 1 to 60 minutes; fails with INVALID_LIFETIME, or UNSUPPORTED_KEY for an
  /// SM2 key.
  package static func make(
    for ledgerID: Digest, key: PrivateKey, now: Instant, minutes: Int
  ) async throws(Failure) -> String {
    guard (1...maxMinutes).contains(minutes) else {
      throw .malformed("INVALID_LIFETIME", field: "minutes", "\(minutes) minutes; give 1 to \(maxMinutes)")
    }
    let id = "\(key.publicKey.id)"
    let seconds = (Double(now.microseconds) / 1_000_000).rounded(.down)
    let claims = TokenClaims(
      iss: id, aud: .init(names: ["\(ledgerID)"]), iat: seconds, exp: seconds + Double(minutes * 60))
    let keys = try await JWTKeyCollection(signing: key)
    do { return try await keys.sign(claims, header: ["kid": .string(id)]) } catch {
      throw Failure(.bug, "TOKEN_NOT_MADE", "the token could not be signed with key \(id)")
    }
  }

  /// Reads a token for that ledger and checks its times and its signature. `key` gives the key of an id and may refuse it.
  ///
  /// Fails with MALFORMED_TOKEN, WRONG_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_TOO_LONG_LIVED, UNSUPPORTED_KEY,
  /// BAD_SIGNATURE, or as `key` does.
  package init(
    _ text: String, for ledgerID: Digest, at now: Instant, key: (KeyID) throws(Failure) -> PublicKey
  ) async throws(Failure) {
    guard text.utf8.count <= Self.maxByteCount else {
      throw Self.malformed("it has \(text.utf8.count) bytes; at most \(Self.maxByteCount) are read")
    }
    let (header, claims) = try Self.parse(text)
    guard let id = header.kid.flatMap(Digest.init(hex:)).map({ KeyID($0) }) else {
      throw Self.malformed("its header's kid must be the signing key's id, 64 hexadecimal characters")
    }
    guard header.crit == nil, claims.iss.lowercased() == "\(id)" else {
      throw Self.malformed("iss must be the key id that kid names, and crit must be absent")
    }
    guard claims.aud.names.contains(where: { $0.lowercased() == "\(ledgerID)" }) else {
      throw Failure(
        .unauthenticated, "WRONG_AUDIENCE",
        "the token is for another ledger; its aud must be this one's id, \(ledgerID)")
    }
    expiresAt = try Self.expiry(of: claims, at: now)
    let publicKey = try key(id)
    let algorithm = try publicKey.suite.algorithm(id)
    guard header.alg == algorithm else {
      throw Self.malformed("its alg must be \(algorithm), which is how key \(id) signs")
    }
    let keys = try await JWTKeyCollection(verifying: publicKey)
    do { _ = try await keys.verify(text, as: TokenClaims.self) } catch {
      throw Failure(.unauthenticated, "BAD_SIGNATURE", "the token's signature is not that of key \(id)")
    }
    keyID = id
  }

  private static func parse(_ text: String) throws(Failure) -> (JWTHeader, TokenClaims) {
    do {
      let parsed = try DefaultJWTParser().parse(Array(text.utf8), as: TokenClaims.self)
      return (parsed.header, parsed.payload)
    } catch {
      throw malformed("three base64url parts expected, with the claims iss, aud, iat and exp")
    }
  }

  /// When the token ends, leeway included.
  private static func expiry(of claims: TokenClaims, at now: Instant) throws(Failure) -> Instant {
    let range = -1e11...1e11
    let notBefore = claims.nbf ?? claims.iat
    guard range.contains(claims.iat), range.contains(claims.exp), range.contains(notBefore) else {
      throw malformed("iat, exp and nbf must be seconds since 1970")
    }
    guard claims.exp - claims.iat <= Double(maxMinutes * 60) else {
      throw Failure(
        .unauthenticated, "TOKEN_TOO_LONG_LIVED",
        "the token lasts \(Int(claims.exp - claims.iat)) s from iat to exp; at most \(maxMinutes * 60)")
    }
    let issued = Instant(seconds: claims.iat - Double(leewaySeconds))
    let expires = Instant(seconds: claims.exp + Double(leewaySeconds))
    guard now < expires else {
      throw Failure(
        .unauthenticated, "TOKEN_EXPIRED",
        "the token was good until \(Instant(seconds: claims.exp)); the node's time is \(now); make a new one")
    }
    guard issued <= now else {
      throw Failure(
        .unauthenticated, "TOKEN_NOT_YET_VALID",
        "the token was issued at \(Instant(seconds: claims.iat)); the node's time is \(now); set the clock")
    }
    guard Instant(seconds: notBefore - Double(leewaySeconds)) <= now else {
      throw Failure(
        .unauthenticated, "TOKEN_NOT_YET_VALID",
        "the token is good from \(Instant(seconds: notBefore)) on (nbf); the node's time is \(now)")
    }
    return expires
  }

  private static func malformed(_ description: String) -> Failure {
    Failure(.unauthenticated, "MALFORMED_TOKEN", "the bearer token is not one this ledger takes: \(description)")
  }
}

extension Instant {
  fileprivate init(seconds: Double) { self.init(microseconds: Int64(seconds * 1_000_000)) }
}
