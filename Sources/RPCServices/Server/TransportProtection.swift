import FoundationEssentials
import NIOSSL
import Primitives

/// What protects the bytes on the wire.
package enum TransportProtection: Hashable, Sendable {
  /// TLS 1.2 or later, with a PEM certificate chain (leaf first) and its PEM private key, both by path.
  case tls(certificateChainPath: String, privateKeyPath: String)
  /// Nothing; for loopback addresses only.
  case plaintext

  /// Reads the files and refuses plaintext where others could listen in; nil means plaintext.
  func context(on address: ListenAddress) throws(Failure) -> NIOSSLContext? {
    switch self {
    case .tls(let certificateChainPath, let privateKeyPath):
      let chain = try Self.read(certificateChainPath)
      let key = try Self.read(privateKeyPath)
      do {
        return try NIOSSLContext(configuration: Self.configuration(chain: chain, key: key))
      } catch {
        throw Failure(
          .preconditionFailed, "TLS_UNUSABLE",
          "\(certificateChainPath) and \(privateKeyPath) must be a PEM certificate chain and its private key: \(error)")
      }
    case .plaintext:
      guard address.isLoopback else {
        throw Failure(
          .preconditionFailed, "PLAINTEXT_NOT_LOOPBACK",
          "\(address) can be reached from outside and would be served without TLS; use TLS, or 127.0.0.1 or ::1")
      }
      return nil
    }
  }

  private static func configuration(chain: [UInt8], key: [UInt8]) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["grpc-exp", "h2"]
    // The certificate is asked for; `ClientCertificates` judges it, so there are no roots.
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = .certificates([])
    configuration.verifySignatureAlgorithms = ClientCertificates.signatureAlgorithms
    return configuration
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
