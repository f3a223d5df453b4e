import FoundationEssentials
package import Primitives
import SwiftASN1
import X509

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A TLS server certificate as it lies on the disk, whoever made it.
package struct ServerCertificate: Sendable {
  /// The end of its validity.
  package let end: Instant
  /// Whether it vouches for itself.
  package let isSelfSigned: Bool
  /// Its DNS names and IP addresses, in order.
  package let hostnames: [String]

  /// Reads the first certificate of a PEM chain, the server's own; fails with TLS_UNUSABLE.
  package init(pem: String) throws(Failure) {
    do {
      guard let leaf = try PEMDocument.parseMultiple(pemString: pem).first else { throw Self.unusable }
      let certificate = try Certificate(pemDocument: leaf)
      end = Instant(microseconds: Int64(certificate.notValidAfter.timeIntervalSince1970) * 1_000_000)
      isSelfSigned =
        certificate.issuer == certificate.subject
        && certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
      hostnames = try certificate.extensions.subjectAlternativeNames?.compactMap(\.hostname) ?? []
    } catch {
      throw Self.unusable
    }
  }

  private static let unusable = Failure(
    .preconditionFailed, "TLS_UNUSABLE", "the TLS certificate is not a PEM certificate")
}

extension GeneralName {
  /// A DNS name or an IP address as text; nil for other kinds of names.
  fileprivate var hostname: String? {
    switch self {
    case .dnsName(let name): name
    case .ipAddress(let address): Self.text(Array(address.bytes))
    default: nil
    }
  }

  private static func text(_ address: [UInt8]) -> String? {
    guard address.count == 4 || address.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: 64)
    let family = address.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
