import FoundationEssentials
import GRPCNIOTransportHTTP2Posix
import Primitives

/// How a client knows that it talks to the right server.
package enum ServerTrust: Hashable, Sendable {
  /// TLS, with a certificate that this machine's trust store leads to.
  case systemRoots
  /// TLS, with a certificate that a PEM file leads to or holds itself.
  case certificates(path: String)
  /// No TLS; only to this machine.
  case plaintext

  /// Reads the file, and refuses plaintext to anywhere but loopback.
  func security(
    to address: ServerAddress, as identity: ClientIdentity, now: Instant
  ) throws(Failure) -> HTTP2ClientTransport.Posix.TransportSecurity {
    var tls = HTTP2ClientTransport.Posix.TransportSecurity.TLS.defaults
    try identity.present(in: &tls, now: now)
    switch self {
    case .systemRoots:
      return .tls(tls)
    case .certificates(let path):
      let bytes: [UInt8]
      do { bytes = Array(try Data(contentsOf: URL(filePath: path))) } catch {
        throw Failure(
          .preconditionFailed, "CA_UNREADABLE",
          "cannot read '\(path)'; --ca names a PEM file with the certificate that the server's leads to")
      }
      tls.trustRoots = .certificates([.bytes(bytes, format: .pem)])
      return .tls(tls)
    case .plaintext:
      guard address.isLoopback else {
        throw Failure(
          .preconditionFailed, "PLAINTEXT_NOT_LOOPBACK",
          "\(address) is another machine and would be talked to without TLS; leave --plaintext out")
      }
      return .plaintext
    }
  }
}
