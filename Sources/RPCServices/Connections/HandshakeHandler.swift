import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind the TLS handler: ends a connection whose handshake takes too long, and says with which certificate one
/// was completed, also when the session was resumed, before anything behind it hears of the connection.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let identify: (PresentedCertificate) -> Void
  private var timeout: Scheduled<Void>?

  /// `identify` is given the client's certificate, if there is one.
  init(identify: @escaping (PresentedCertificate) -> Void) {
    self.identify = identify
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    timeout = context.eventLoop.scheduleTask(in: .seconds(Int64(RPCLimits.handshakeSeconds))) {
      channel.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timeout?.cancel()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted = event as? TLSUserEvent else { return context.fireUserInboundEventTriggered(event) }
    do {
      let certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate()
      if let certificate { identify(try PresentedCertificate(certificate)) }
    } catch {
      // A certificate whose key cannot be read says nothing about its holder; nobody is let in on it.
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
