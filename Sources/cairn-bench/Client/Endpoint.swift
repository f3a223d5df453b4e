import Foundation
import Signing

/// A server, how it is known, and who asks there.
struct Endpoint: Sendable {
  /// An IPv4 address.
  let host: String
  let port: Int
  /// The server's own certificate.
  let certificate: URL
  /// An admin's key.
  let identity: PrivateKey
}

extension PrivateKey {
  /// Reads a key without a passphrase.
  static func read(_ url: URL) throws -> PrivateKey {
    try PrivateKey(pem: String(contentsOf: url, encoding: .utf8), passphrase: nil)
  }
}
