import CNATS
import Primitives

/// The library's connection. Its functions lock by themselves, so that any thread may call them: hence unchecked.
struct NATSHandle: @unchecked Sendable {
  let pointer: OpaquePointer
}

/// A subscription of the library; ends with this value's owner.
/// The library's functions on a subscription lock by themselves: hence unchecked.
final class Subscription: @unchecked Sendable {
  /// What the library holds until the last message was handed over.
  private final class Receiver: Sendable {
    let receive: @Sendable (consuming NATSMessage) -> Void

    init(_ receive: @escaping @Sendable (consuming NATSMessage) -> Void) { self.receive = receive }
  }

  private let pointer: OpaquePointer

  /// Listens to `subject`; `receive` runs on a thread of the library, one message after the other. At most `messages` and
  /// `bytes` wait; more are dropped.
  init(
    _ connection: NATSHandle, to subject: String, messages: Int32, bytes: Int32,
    receive: @escaping @Sendable (consuming NATSMessage) -> Void
  ) throws(Failure) {
    let receiver = Unmanaged.passRetained(Receiver(receive))
    var made: OpaquePointer?
    let status = natsConnection_Subscribe(
      &made, connection.pointer, subject,
      { _, _, message, closure in
        guard let message else { return }
        let owned = NATSMessage(owning: message)
        if let closure { Unmanaged<Receiver>.fromOpaque(closure).takeUnretainedValue().receive(owned) }
      }, receiver.toOpaque())
    guard status == NATS_OK, let made else {
      receiver.release()
      throw .engineAway("subscribing to \(subject): \(status.text)")
    }
    pointer = made
    // A subscription that was closed meanwhile takes no completion: its receiver then stays, rather than being freed under a message.
    natsSubscription_SetOnCompleteCB(
      made, { closure in if let closure { Unmanaged<Receiver>.fromOpaque(closure).release() } }, receiver.toOpaque())
    natsSubscription_SetPendingLimits(made, messages, bytes)
  }

  deinit { natsSubscription_Destroy(pointer) }
}
