import CNATS
import Primitives

extension Failure {
  /// The engine cannot be reached, and what was asked has not been done.
  static func engineAway(_ why: String) -> Failure {
    Failure(.unavailable, "ENGINE_AWAY", "the ordering engine is away: \(why)", retryAfterMilliseconds: 1000)
  }

  /// No answer: what was asked may have been done. The same message with the same id may be sent again.
  static func engineTimeout(_ why: String) -> Failure {
    Failure(
      .unavailable, "ENGINE_TIMEOUT", "the ordering engine's answer is missing, the outcome is unknown: \(why)",
      retryAfterMilliseconds: 1000)
  }

  /// The connection was closed by its owner.
  static var engineClosed: Failure { Failure(.unavailable, "ENGINE_CLOSED", "the connection to the engine is closed") }

  /// What the C library answered to `action`; nil where it answered that all is well.
  static func engine(_ status: natsStatus, _ action: String, bytes: Int = 0) -> Failure? {
    switch status {
    case NATS_OK: nil
    case NATS_MAX_PAYLOAD: .engineMessageTooLarge("\(bytes) bytes are more than the servers' max_payload")
    case NATS_INSUFFICIENT_BUFFER, NATS_CONNECTION_CLOSED, NATS_NO_MEMORY, NATS_INVALID_ARG, NATS_INVALID_SUBJECT:
      .engineAway("\(action): \(status.text)")
    // The socket failed while it was written to: some of it may have gone.
    default: .engineTimeout("\(action): \(status.text)")
    }
  }

  /// A message that no server takes, whenever it comes.
  static func engineMessageTooLarge(_ why: String) -> Failure {
    Failure(.outOfRange, "ENGINE_MESSAGE_TOO_LARGE", "the engine does not take this message: \(why)")
  }

  /// The engine knows this member and does not let it do this.
  static func engineRefused(_ why: String) -> Failure {
    Failure(.forbidden, "ENGINE_REFUSED", "the engine refuses: \(why)")
  }
}

extension natsStatus {
  /// The library's words.
  var text: String { natsStatus_GetText(self).map { String(cString: $0) } ?? "status \(rawValue)" }
}
