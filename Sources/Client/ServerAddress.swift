package import Primitives

/// Where a server listens: a host name or IP address, and a port.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  /// What sort of name the host is; each is resolved in its own way.
  package enum Host: Hashable, Sendable {
    case ipv4(String)
    case ipv6(String)
    case name(String)
  }

  /// The port where none is given.
  package static let defaultPort = 7443

  /// The host.
  package let host: Host
  /// The port, 1 to 65,535.
  package let port: Int

  /// Reads `host`, `host:port`, `1.2.3.4:port` or `[::1]:port`; fails with INVALID_SERVER_ADDRESS.
  package init(_ text: String) throws(Failure) {
    let isBracketed = text.hasPrefix("[")
    let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex
    guard let end else { throw Self.invalid(text) }
    let host = isBracketed ? text[text.index(after: text.startIndex)..<end] : text[..<end]
    var rest = text[end...]
    if isBracketed { rest.removeFirst() }
    guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isHostByte) else { throw Self.invalid(text) }
    if rest.isEmpty {
      port = Self.defaultPort
    } else {
      let digits = rest.dropFirst()
      guard rest.first == ":", digits.first?.isWholeNumber == true, let port = UInt16(digits), port > 0 else {
        throw Self.invalid(text)
      }
      self.port = Int(port)
    }
    self.host = isBracketed ? .ipv6(String(host)) : Self.isIPv4(host) ? .ipv4(String(host)) : .name(String(host))
  }

  /// Whether only this machine can be meant.
  package var isLoopback: Bool {
    switch host {
    case .ipv4(let address): address.hasPrefix("127.")
    case .ipv6(let address): address == "::1"
    case .name(let name): name == "localhost"
    }
  }

  /// The address as it is written.
  package var description: String {
    switch host {
    case .ipv4(let host), .name(let host): "\(host):\(port)"
    case .ipv6(let host): "[\(host)]:\(port)"
    }
  }

  private static func isIPv4(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"): true
    default: false
    }
  }

  private static func invalid(_ text: String) -> Failure {
    .malformed(
      "INVALID_SERVER_ADDRESS", field: "server",
      "'\(text.prefix(256))' is no address; write host:port, for example ledger.example:7443 or [::1]:7443")
  }
}
