import GRPCCore
import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2
import Primitives

/// Stands before gRPC in each call's channel and refuses what would hold memory for nothing: too many calls, too much
/// metadata, too long a message, and a request that does not come.
final class CallGate: ChannelDuplexHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let calls: OpenCalls
  private let host: String
  private let logger: Logger
  private var isCounted = false
  private var isOver = false
  private var hasBegunAnswer = false
  private var meter = RequestMeter()
  private var heldBytes = 0
  private var wait: RequestWait?
  private var timer: Scheduled<Void>?

  /// The gate of one call from `host`.
  init(calls: OpenCalls, host: String, logger: Logger) {
    self.calls = calls
    self.host = host
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    do throws(Failure) {
      switch unwrapInboundIn(data) {
      case .headers(let headers) where !isCounted: try begin(headers, context: context)
      case .data(let part): try take(part, context: context)
      default: context.fireChannelRead(data)
      }
    } catch {
      end(RPCError(error.status), context: context)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .headers = unwrapOutboundIn(data) { hasBegunAnswer = true }
    context.write(data, promise: promise)
  }

  /// HTTP/2 was broken in this call: the client's doing, and nobody is left to be told.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("a client broke HTTP/2", metadata: ["host": "\(host)", "error": "\(error)"])
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    release()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { release() }

  private func begin(_ headers: HTTP2Frame.FramePayload.Headers, context: ChannelHandlerContext) throws(Failure) {
    let size = headers.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
    guard size <= RPCLimits.metadataBytes else {
      throw Failure(
        .exhausted, "METADATA_TOO_LARGE",
        "the call's metadata has \(size) bytes, 32 for each entry included; at most \(RPCLimits.metadataBytes) are read"
      )
    }
    try calls.begin(from: host)
    isCounted = true
    wait = RequestWait(headers.headers)
    watch(context: context)
    guard headers.endStream else { return context.fireChannelRead(wrapInboundOut(.headers(headers))) }
    // gRPC's transport would wait for ever for the end of a stream that ends with its headers.
    context.fireChannelRead(wrapInboundOut(.headers(.init(headers: headers.headers))))
    try take(.init(data: .byteBuffer(ByteBuffer()), endStream: true), context: context)
  }

  private func take(_ part: HTTP2Frame.FramePayload.Data, context: ChannelHandlerContext) throws(Failure) {
    if case .byteBuffer(let bytes) = part.data {
      if let length = meter.take(bytes, limit: RPCLimits.requestBytes) {
        throw Failure(
          .exhausted, "REQUEST_TOO_LARGE",
          "the request message has \(length) bytes; at most \(RPCLimits.requestBytes) are read")
      }
      try calls.hold(meter.unfinishedBytes - heldBytes, from: host)
      heldBytes = meter.unfinishedBytes
    }
    if meter.complete > 0 || part.endStream { stopWaiting() }
    context.fireChannelRead(wrapInboundOut(.data(part)))
  }

  private func watch(context: ChannelHandlerContext) {
    guard let wait else { return }
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: wait.end(after: meter.unfinishedBytes)) {
      let end = wait.end(after: self.meter.unfinishedBytes)
      if end <= .now() { self.end(wait.error, context: context) } else { self.watch(context: context) }
    }
  }

  private func stopWaiting() {
    timer?.cancel()
    timer = nil
    wait = nil
  }

  /// Answers the call itself and closes its stream; gRPC learns only that it is gone.
  private func end(_ error: RPCError, context: ChannelHandlerContext) {
    isOver = true
    release()
    let trailers = HPACKHeaders(error, startingAnswer: !hasBegunAnswer)
    context.write(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
    context.close(promise: nil)
  }

  private func release() {
    stopWaiting()
    guard isCounted else { return }
    isCounted = false
    calls.end(from: host, holding: heldBytes)
  }
}
