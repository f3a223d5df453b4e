import FoundationEssentials
import GRPCCore
import NIOHPACK

extension HPACKHeaders {
  /// The trailers that end a call with an error, with what an answer starts with where it has not begun. Its message is
  /// of printable ASCII characters, without "%", as gRPC would have to escape others.
  init(_ error: RPCError, startingAnswer: Bool) {
    self.init(startingAnswer ? [(":status", "200"), ("content-type", "application/grpc")] : [])
    add(name: "grpc-status", value: "\(error.code.rawValue)")
    add(name: "grpc-message", value: error.message)
    for (key, value) in error.metadata {
      switch value {
      case .string(let text): add(name: key, value: text)
      case .binary(let bytes): add(name: key, value: Data(bytes).base64EncodedString())
      }
    }
  }
}
