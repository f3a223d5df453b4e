import Certificates
import NIOCore
import NIOEmbedded
import NIOSSL
import NIOTLS
import Primitives
import Signing
import Testing

@testable import RPCServices

@Suite struct HandshakeTests {
  private static let now = Instant(microseconds: 1_790_000_000_000_000)

  @Test(arguments: [Suite.ed25519, .ecdsaP256])
  func aCertificateIsReadAsItsKeyAndItsDates(suite: Suite) throws {
    let key = try PrivateKey.generate(suite)
    let pem = try ClientCertificate.pem(for: key, now: Self.now, validDays: 2)
    let presented = try PresentedCertificate(NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem))
    #expect(presented.keyID == key.publicKey.id)
    #expect(presented.notBefore == Instant(microseconds: Self.now.microseconds - 3_600_000_000))
    #expect(presented.notAfter == Instant(microseconds: Self.now.microseconds + 2 * 86_400_000_000))
  }

  @Test func aHandshakeThatTakesTooLongEndsTheConnection() throws {
    let channel = EmbeddedChannel(handler: HandshakeHandler { _ in Issue.record("nobody was identified") })
    try channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    channel.embeddedEventLoop.advanceTime(by: .seconds(Int64(RPCLimits.handshakeSeconds) - 1))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test func aHandshakeWithoutTLSIsNone() throws {
    let channel = EmbeddedChannel(handler: HandshakeHandler { _ in Issue.record("nobody was identified") })
    try channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
    #expect(!channel.isActive)
  }
}
