package import GRPCCore
package import Primitives

/// What a call brings to say who makes it.
package struct Credentials: Sendable {
  /// The certificate that its connection began with.
  package var certificate: PresentedCertificate?
  /// A bearer token; a secret.
  package var token: String?

  /// Nothing, or either, or both.
  package init(certificate: PresentedCertificate? = nil, token: String? = nil) {
    self.certificate = certificate
    self.token = token
  }

  /// Takes the token from `authorization: Bearer <token>` (RFC 6750, section 2.1); fails with MALFORMED_AUTHORIZATION when
  /// there is something else, or more than one.
  package init(certificate: PresentedCertificate?, metadata: Metadata) throws(Failure) {
    self.certificate = certificate
    var values = metadata[stringValues: "authorization"].makeIterator()
    guard let value = values.next() else { return }
    let scheme = "bearer "
    guard values.next() == nil, value.prefix(scheme.count).lowercased() == scheme else {
      throw Failure(
        .unauthenticated, "MALFORMED_AUTHORIZATION", "authorization must stand there once, as \"Bearer <token>\"")
    }
    token = String(value.dropFirst(scheme.count))
  }
}
