import NIOCore
import NIOHTTP2
import NIOSSL

/// Closes a connection the grace time after its client was told to go, whatever the client does. gRPC's transport counts that
/// time only from the client's answer, and TLS would wait for another.
final class PartingHandler: ChannelOutboundHandler {
  typealias OutboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  private var timer: Scheduled<Void>?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .goAway = unwrapOutboundIn(data).payload, timer == nil {
      timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Int64(RPCLimits.graceSeconds))) {
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        if let tls { tls.close(promise: nil) } else { context.close(promise: nil) }
      }
    }
    context.write(data, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }
}
