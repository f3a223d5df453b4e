import Primitives
import Signing
import Synchronization
import Testing

@testable import RPCServices

@Suite struct ConnectionRegistryTests {
  private let certificate = PresentedCertificate(
    keyID: KeyID(SHA256.hash(Array("a key".utf8))), notBefore: .earliest, notAfter: .latest)

  @Test func oneTooManyIsRefusedAndCounted() throws {
    let registry = ConnectionRegistry(limit: 2, limitPerHost: 2)
    let first = try #require(registry.admit(peer: "a:1", host: "a") {})
    _ = try #require(registry.admit(peer: "b:1", host: "b") {})
    #expect(registry.admit(peer: "c:1", host: "c", close: {}) == nil)
    #expect(registry.refusedCount == 1)
    registry.remove(first)
    #expect(registry.admit(peer: "c:1", host: "c", close: {}) != nil)
    #expect(registry.count == 2)
  }

  @Test func aHostHasItsOwnLimit() throws {
    let registry = ConnectionRegistry(limit: 10, limitPerHost: 2)
    let first = try #require(registry.admit(peer: "a:1", host: "a") {})
    _ = try #require(registry.admit(peer: "a:2", host: "a") {})
    #expect(registry.admit(peer: "a:3", host: "a", close: {}) == nil)
    #expect(registry.admit(peer: "b:1", host: "b", close: {}) != nil)
    registry.remove(first)
    registry.remove(first)
    #expect(registry.admit(peer: "a:3", host: "a", close: {}) != nil)
    #expect(registry.admit(peer: "a:4", host: "a", close: {}) == nil)
  }

  @Test func aCertificateBelongsToItsConnection() throws {
    let registry = ConnectionRegistry()
    let first = try #require(registry.admit(peer: "a:1", host: "a") {})
    #expect(registry.certificate(of: "a:1") == nil)
    registry.identify(first, by: certificate)
    #expect(registry.certificate(of: "a:1") == certificate)
    #expect(registry.certificate(of: "a:2") == nil)
    registry.remove(first)
    #expect(registry.certificate(of: "a:1") == nil)
  }

  @Test func aPortThatIsUsedAgainInheritsNothing() throws {
    let registry = ConnectionRegistry()
    let old = try #require(registry.admit(peer: "a:1", host: "a") {})
    registry.identify(old, by: certificate)
    let new = try #require(registry.admit(peer: "a:1", host: "a") {})
    #expect(registry.certificate(of: "a:1") == nil)
    registry.remove(old)
    registry.identify(new, by: certificate)
    #expect(registry.certificate(of: "a:1") == certificate)
  }

  @Test func onlyRefusedCertificatesAreClosedAndOnlyOnce() throws {
    let registry = ConnectionRegistry()
    let closed = Mutex<[String]>([])
    let identified = try #require(registry.admit(peer: "a:1", host: "a") { closed.withLock { $0.append("a:1") } })
    _ = try #require(registry.admit(peer: "a:2", host: "a") { closed.withLock { $0.append("a:2") } })
    registry.identify(identified, by: certificate)
    registry.close { $0.keyID != certificate.keyID }
    #expect(closed.withLock { $0 }.isEmpty)
    registry.close { _ in true }
    registry.close { _ in true }
    #expect(closed.withLock { $0 } == ["a:1"])
  }
}
