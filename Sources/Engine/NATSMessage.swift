import CNATS
import Foundation

/// A message that the C library handed over: destroyed when this value ends.
struct NATSMessage: ~Copyable {
  private let pointer: OpaquePointer

  /// Owns `pointer` from now on.
  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { natsMsg_Destroy(pointer) }

  var subject: String { natsMsg_GetSubject(pointer).map { String(cString: $0) } ?? "" }
  var reply: String { natsMsg_GetReply(pointer).map { String(cString: $0) } ?? "" }

  /// A copy of the payload.
  var bytes: Data {
    let count = Int(natsMsg_GetDataLength(pointer))
    guard count > 0, let start = natsMsg_GetData(pointer) else { return Data() }
    return Data(bytes: start, count: count)
  }

  /// The three digits of a message that only tells a state, for instance 503: nobody listens; nil for a message proper.
  var status: String? { header("Status") }
  /// What the state is, in words.
  var stateDescription: String { header("Description") ?? "" }

  private func header(_ name: String) -> String? {
    var value: UnsafePointer<CChar>?
    guard natsMsgHeader_Get(pointer, name, &value) == NATS_OK, let value else { return nil }
    return String(cString: value)
  }
}
