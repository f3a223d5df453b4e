import NIOCore
import NIOSSL

/// Which client certificates TLS lets through: every one of bearable size. Whether its key is registered is decided call by
/// call, where the client can be told; a handshake that fails tells nothing.
enum ClientCertificates {
  /// How clients may prove that they hold a certificate's key. BoringSSL would leave out Ed25519; RSA and P-384, which no
  /// ledger registers, are here so that they are refused with a reason.
  static let signatureAlgorithms: [SignatureAlgorithm] = [
    .ed25519, .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha256, .rsaPssRsaeSha384, .rsaPssRsaeSha512,
    .rsaPkcs1Sha256, .rsaPkcs1Sha384, .rsaPkcs1Sha512,
  ]

  /// Accepts a chain within the limits.
  @Sendable static func verify(
    _ chain: [NIOSSLCertificate], _ verdict: EventLoopPromise<NIOSSLVerificationResult>
  ) {
    verdict.succeed(isBearable(chain) ? .certificateVerified : .failed)
  }

  private static func isBearable(_ chain: [NIOSSLCertificate]) -> Bool {
    guard (1...RPCLimits.certificates).contains(chain.count) else { return false }
    var room = RPCLimits.certificateBytes
    for certificate in chain {
      guard let bytes = try? certificate.toDERBytes(), bytes.count <= room else { return false }
      room -= bytes.count
    }
    return true
  }
}
