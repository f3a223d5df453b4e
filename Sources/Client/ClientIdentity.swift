import Certificates
import GRPCNIOTransportHTTP2Posix
import Primitives
package import Signing

/// Who a client says it is.
package enum ClientIdentity: Sendable {
  /// Nobody.
  case anyone
  /// The holder of this key, Ed25519 or P-256: by a TLS client certificate, or where there is no TLS by bearer tokens.
  case key(PrivateKey)
  /// The holder of a bearer token made elsewhere.
  case token(String)

  /// Days for which a certificate is made that never leaves this process.
  private static let certificateDays = 2

  /// What the identity adds to each call.
  func interceptor(isEncrypted: Bool, now: @escaping @Sendable () -> Instant) throws(Failure) -> BearerInterceptor? {
    switch self {
    case .anyone: return nil
    case .key(let key): return isEncrypted ? nil : BearerInterceptor(key: key, now: now)
    case .token(let token): return try BearerInterceptor(token: token)
    }
  }

  /// What the identity adds to TLS.
  func present(in tls: inout HTTP2ClientTransport.Posix.TransportSecurity.TLS, now: Instant) throws(Failure) {
    guard case .key(let key) = self else { return }
    let certificate = try ClientCertificate.pem(for: key, now: now, validDays: Self.certificateDays)
    tls.certificateChain = [.bytes(Array(certificate.utf8), format: .pem)]
    tls.privateKey = .bytes(Array(try key.pem(passphrase: nil).utf8), format: .pem)
  }
}
