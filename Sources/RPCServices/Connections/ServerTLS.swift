import NIOSSL
import Primitives
import Synchronization

/// What connections begin with: TLS with the certificate that was read last, or plaintext.
final class ServerTLS: Sendable {
  private let protection: TransportProtection
  private let address: ListenAddress
  private let latest: Mutex<NIOSSLContext?>

  /// Reads the files; refuses plaintext on an address others can reach.
  init(_ protection: TransportProtection, on address: ListenAddress) throws(Failure) {
    self.protection = protection
    self.address = address
    latest = Mutex(try protection.context(on: address))
  }

  /// Nil means plaintext.
  var context: NIOSSLContext? { latest.withLock { $0 } }

  /// Reads the files again, for the connections that come from now on. Where they cannot be used nothing changes.
  func reload() throws(Failure) {
    let context = try protection.context(on: address)
    latest.withLock { $0 = context }
  }
}
