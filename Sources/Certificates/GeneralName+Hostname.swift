import Primitives
import SwiftASN1
import X509

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension GeneralName {
  /// An IPv4 or IPv6 address, or a DNS name (RFC 1123) that may begin with the wildcard label `*`.
  init(hostname: String) throws(Failure) {
    if let address = Self.address(hostname, AF_INET, count: 4) ?? Self.address(hostname, AF_INET6, count: 16) {
      self = .ipAddress(ASN1OctetString(contentBytes: ArraySlice(address)))
    } else if Self.isDNSName(hostname) {
      self = .dnsName(hostname)
    } else {
      throw .malformed(
        "INVALID_HOSTNAME", field: "",
        "\"\(hostname)\" is neither an IP address nor a DNS name of at most 253 letters, digits, '-' and '.'")
    }
  }

  private static func address(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  private static func isDNSName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    var labels = text.split(separator: ".", omittingEmptySubsequences: false)
    if labels.first == "*", labels.count > 1 { labels.removeFirst() }
    return labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
  }
}
