import FoundationEssentials
package import GRPCNIOTransportHTTP2Posix
package import Primitives

/// What protects the bytes on the wire.
package enum TransportProtection: Hashable, Sendable {
  /// TLS 1.2 or later, with a PEM certificate chain (leaf first) and its PEM private key, both by path.
  case tls(certificateChainPath: String, privateKeyPath: String)
  /// Nothing; for loopback addresses only.
  case plaintext

  /// Reads the files and refuses plaintext where others could listen in.
  package func security(on address: ListenAddress) throws(Failure) -> HTTP2ServerTransport.Posix.TransportSecurity {
    switch self {
    case .tls(let certificateChainPath, let privateKeyPath):
      return .tls(
        .defaults(
          certificateChain: [.bytes(try Self.read(certificateChainPath), format: .pem)],
          privateKey: .bytes(try Self.read(privateKeyPath), format: .pem)))
    case .plaintext:
      guard address.isLoopback else {
        throw Failure(
          .preconditionFailed, "PLAINTEXT_NOT_LOOPBACK",
          "\(address) can be reached from outside and would be served without TLS; use TLS, or 127.0.0.1 or ::1")
      }
      return .plaintext
    }
  }

  private static func read(_ path: String) throws(Failure) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw Failure(
        .preconditionFailed, "TLS_FILE_UNREADABLE", "cannot read \(path); it must be a PEM file this process may read")
    }
  }
}
