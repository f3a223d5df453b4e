import Client
import Primitives
import Testing

@Suite struct ServerAddressTests {
  @Test(arguments: [
    ("ledger.example:7443", ServerAddress.Host.name("ledger.example"), 7_443, "ledger.example:7443"),
    ("ledger.example", .name("ledger.example"), 7_443, "ledger.example:7443"),
    ("10.0.0.1:1", .ipv4("10.0.0.1"), 1, "10.0.0.1:1"),
    ("256.0.0.1:1", .name("256.0.0.1"), 1, "256.0.0.1:1"),
    ("[::1]:65535", .ipv6("::1"), 65_535, "[::1]:65535"),
    ("[fe80::1]", .ipv6("fe80::1"), 7_443, "[fe80::1]:7443"),
  ])
  func addressesAreRead(text: String, host: ServerAddress.Host, port: Int, written: String) throws {
    let address = try ServerAddress(text)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect("\(address)" == written)
  }

  @Test(arguments: [
    "", ":7443", "host:", "host:0", "host:65536", "host:-1", "host:+1", "host:7443x", "[::1", "[]:1", "[::1]7443",
    "::1",
    "https://host:1", "a host:1", "höst:1", "host:7443\n", "host\u{0}:1",
  ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: Failure.self) { try ServerAddress(text) }
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.8.8.8:1", true), ("[::1]:1", true), ("localhost", true), ("10.0.0.1", false),
    ("127.example.com", false), ("localhost.example", false), ("[::2]", false),
  ])
  func loopbackIsThisMachineOnly(text: String, isLoopback: Bool) throws {
    #expect(try ServerAddress(text).isLoopback == isLoopback)
  }

  @Test func plaintextIsForThisMachineOnly() async throws {
    let address = try ServerAddress("192.0.2.1:7443")
    let failure = await #expect(throws: Failure.self) {
      try await LedgerConnection.withConnection(to: address, trust: .plaintext) { _ in }
    }
    #expect(failure?.reason == "PLAINTEXT_NOT_LOOPBACK")
  }

  @Test(arguments: [("/nowhere/ca.pem", "CA_UNREADABLE"), (#filePath, "TLS_UNUSABLE")])
  func aTrustFileThatIsNoneIsSaidToBeSo(path: String, reason: String) async throws {
    let address = try ServerAddress("127.0.0.1:1")
    let failure = await #expect(throws: Failure.self) {
      try await LedgerConnection.withConnection(to: address, trust: .certificates(path: path)) { _ in }
    }
    #expect(failure?.reason == reason)
  }

  @Test func theBackoffGrowsListensAndEnds() {
    var backoff = Backoff()
    let waits = (1..<Backoff.maxAttempts).map { _ in backoff.next(atLeast: nil, chance: 1) }
    #expect(waits == [250, 500, 1_000, 2_000, 4_000, 8_000])
    #expect(backoff.next(atLeast: nil, chance: 1) == nil)
    backoff.reset()
    #expect(backoff.next(atLeast: nil, chance: 0) == 125)
    #expect(backoff.next(atLeast: 30_000, chance: 0) == 30_000)
    #expect(backoff.next(atLeast: .max, chance: 0) == 60_000)
  }
}
