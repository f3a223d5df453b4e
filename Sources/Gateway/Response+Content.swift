import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives

extension Response {
  /// A text for people, or of a type of its own.
  init(_ status: HTTPResponse.Status, text: String, type: String = "text/plain; charset=utf-8") {
    self.init(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// Bytes that a client may keep for ever, or must ask for again.
  init(_ bytes: Data, type: String, isImmutable: Bool) {
    self.init(
      status: .ok,
      headers: [
        .contentType: type, .cacheControl: isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// What went wrong, in words; only what the client can do something about.
  init(_ failure: Failure) {
    switch failure.kind {
    case .malformed: self.init(.badRequest, text: "\(failure.message)\n")
    case .notFound: self.init(.notFound, text: "\(failure.message)\n")
    case .unavailable: self.init(.serviceUnavailable, text: "\(failure.message)\n")
    default: self.init(.internalServerError, text: "the node's log says what is wrong\n")
    }
  }
}
