import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import Primitives

/// Accepts connections: bounded in number, over TLS with an optional client certificate, or in plaintext.
struct ConnectionListener: HTTP2ServerTransport.ListenerFactory {
  private struct TooManyConnections: Error {}

  let address: ListenAddress
  let tls: ServerTLS
  let connections: ConnectionRegistry
  let eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    try await ServerBootstrap(group: eventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(to: try SocketAddress(ipAddress: address.host, port: address.port)) { channel in
        channel.eventLoop.makeCompletedFuture { try admit(channel) }
          .flatMap {
            connectionConfigurator.configure(
              channel: channel, tls: tls.context == nil ? .none : .configured(requireALPN: false))
          }
          .flatMapThrowing { connection in
            let pipeline = channel.pipeline.syncOperations
            let http2 = try pipeline.handler(type: NIOHTTP2Handler.self)
            try pipeline.addHandler(PartingHandler(), position: .after(http2))
            return connection
          }
          .flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
          }
      }
  }

  private func admit(_ channel: any Channel) throws {
    let number = connections.admit(peer: channel.peer, host: channel.remoteHost) {
      channel.eventLoop.scheduleTask(in: .seconds(Int64(RPCLimits.partingSeconds))) { channel.close(promise: nil) }
    }
    guard let number else { throw TooManyConnections() }
    channel.closeFuture.whenComplete { _ in connections.remove(number) }
    guard let context = tls.context else { return }
    let handler = NIOSSLServerHandler(context: context, customVerificationCallback: ClientCertificates.verify)
    try channel.pipeline.syncOperations.addHandlers([
      handler, HandshakeHandler { connections.identify(number, by: $0) },
    ])
  }
}

extension Channel {
  /// The remote address as gRPC writes it in a call's context.
  fileprivate var peer: String {
    switch remoteAddress {
    case .v4(let address): "ipv4:\(address.host):\(remoteAddress?.port ?? 0)"
    case .v6(let address): "ipv6:[\(address.host)]:\(remoteAddress?.port ?? 0)"
    default: "unknown \(ObjectIdentifier(self))"
    }
  }

  /// What connections are counted by: an IPv4 address, or the first 64 bits of an IPv6 address, which one host may have all of.
  var remoteHost: String {
    let host = remoteAddress?.ipAddress ?? ""
    guard let bytes = ListenAddress.ipv6Bytes(host) else { return host }
    let isMappedIPv4 = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xff, 0xff]
    return isMappedIPv4 ? host : Hex.encode(bytes.prefix(8))
  }
}
