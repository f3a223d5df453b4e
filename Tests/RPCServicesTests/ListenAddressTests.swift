import Primitives
import Testing

@testable import RPCServices

@Suite struct ListenAddressTests {
  @Test(arguments: [
    ("127.0.0.1", true, "127.0.0.1:7443"), ("127.8.9.10", true, "127.8.9.10:7443"),
    ("localhost", true, "127.0.0.1:7443"), ("::1", true, "[::1]:7443"),
    ("0:0:0:0:0:0:0:1", true, "[0:0:0:0:0:0:0:1]:7443"),
    ("0.0.0.0", false, "0.0.0.0:7443"), ("::", false, "[::]:7443"), ("192.168.1.1", false, "192.168.1.1:7443"),
    ("::ffff:127.0.0.1", false, "[::ffff:127.0.0.1]:7443"), ("128.0.0.1", false, "128.0.0.1:7443"),
  ])
  func loopbackIsRecognised(host: String, isLoopback: Bool, description: String) throws {
    let address = try ListenAddress(host: host, port: 7_443)
    #expect(address.isLoopback == isLoopback)
    #expect(address.description == description)
    if isLoopback {
      _ = try TransportProtection.plaintext.context(on: address)
    } else {
      let failure = #expect(throws: Failure.self) { try TransportProtection.plaintext.context(on: address) }
      #expect(failure?.reason == "PLAINTEXT_NOT_LOOPBACK")
    }
  }

  @Test(arguments: [
    ("", 1), ("example.com", 1), ("127.0.0.1:80", 1), ("127.0.0", 1), ("256.0.0.1", 1), ("[::1]", 1),
    ("127.0.0.1", -1), ("127.0.0.1", 65_536),
  ])
  func whatIsNoAddressIsRefused(host: String, port: Int) {
    let failure = #expect(throws: Failure.self) { try ListenAddress(host: host, port: port) }
    #expect(failure?.reason == "INVALID_LISTEN_ADDRESS")
  }

  @Test func aMissingCertificateIsNamed() throws {
    let protection = TransportProtection.tls(certificateChainPath: "/nonexistent/cert.pem", privateKeyPath: "/x")
    let address = try ListenAddress(host: "::1", port: 0)
    let failure = #expect(throws: Failure.self) { try protection.context(on: address) }
    #expect(failure?.reason == "TLS_FILE_UNREADABLE")
    #expect(failure?.message.contains("/nonexistent/cert.pem") == true)
  }
}
