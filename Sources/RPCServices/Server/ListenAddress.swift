import FoundationEssentials
package import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where to listen: an IP address, or `localhost`, and a port.
package struct ListenAddress: Hashable, Sendable {
  private enum Family: Hashable { case v4, v6 }

  /// The IP address as text.
  package let host: String
  /// 0 lets the system choose.
  package let port: Int
  /// Whether only this machine can reach it: 127.0.0.0/8 or ::1.
  package let isLoopback: Bool
  private let family: Family

  /// Takes an IPv4 or IPv6 address or `localhost` (127.0.0.1), and a port from 0 to 65,535.
  package init(host: String, port: Int) throws(Failure) {
    guard (0...65_535).contains(port) else {
      throw .malformed("INVALID_LISTEN_ADDRESS", field: "port", "\(port) is not a port; use 0 to 65535")
    }
    let address = host == "localhost" ? "127.0.0.1" : host
    if let bytes = Self.bytes(address, AF_INET, count: 4) {
      family = .v4
      isLoopback = bytes[0] == 127
    } else if let bytes = Self.ipv6Bytes(address) {
      family = .v6
      isLoopback = bytes == Array(repeating: 0, count: 15) + [1]
    } else {
      throw .malformed(
        "INVALID_LISTEN_ADDRESS", field: "host",
        "\"\(host)\" is not an IP address; use one of this machine's, 0.0.0.0 for all of them, or localhost")
    }
    self.host = address
    self.port = port
  }

  /// The 16 bytes of an IPv6 address; nil for other text.
  static func ipv6Bytes(_ text: String) -> [UInt8]? { bytes(text, AF_INET6, count: 16) }

  private static func bytes(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}

extension ListenAddress: CustomStringConvertible {
  /// `127.0.0.1:7443` or `[::1]:7443`.
  package var description: String { family == .v4 ? "\(host):\(port)" : "[\(host)]:\(port)" }
}
