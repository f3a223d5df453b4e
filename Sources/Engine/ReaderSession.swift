import Foundation
import Primitives
import Synchronization

/// One consumer on the servers, without a name that others know and without acknowledgements, and the messages that it delivers. It lives
/// until something is odd: then the reader makes another, from the place it has reached.
final class ReaderSession: Sendable {
  enum Event {
    case messages([OrderedMessage])
    /// Nothing to be given yet.
    case waiting
    /// The server is done with our request for messages; nothing came with it.
    case rested
    /// The consumer is gone or silent.
    case broken
    /// A message came before the expected one did.
    case gap
    /// The message before the first is another than the one that was read.
    case replaced
  }

  private struct State {
    /// The next sequence to arrive.
    var expected: UInt64
    /// When the message before the first was stored, until it arrived.
    var anchor: Int64?
    var arrived: [OrderedMessage] = []
    var arrivedBytes = 0
    /// Whether the servers have a request of ours to send messages.
    var isAsking = false
    var isBroken = false
    var hasGap = false
    var isReplaced = false
    var heard = ContinuousClock.now
  }

  /// How long the servers may be silent.
  static let silence = Duration.milliseconds(1500)
  let consumer = EngineCore.randomToken()
  let inbox = "_INBOX.\(EngineCore.randomToken())"
  private let state: Mutex<State>
  private let subscription = Mutex<Subscription?>(nil)
  private let onArrival: @Sendable () -> Void

  /// `expected` is the first message to arrive; where `anchor` is given, it is the one before, and was stored then.
  init(expecting expected: UInt64, anchor: Int64?, onArrival: @escaping @Sendable () -> Void) {
    state = Mutex(State(expected: expected, anchor: anchor))
    self.onArrival = onArrival
  }

  /// Listens for what the consumer delivers.
  func listen(on handle: NATSHandle) throws(Failure) {
    let made = try Subscription(
      handle, to: inbox, messages: 65_536, bytes: Int32(EngineOptions.maxGroupBytes) * 2
    ) { [weak self] message in self?.received(message) }
    subscription.withLock { $0 = made }
  }

  /// What there is; afterwards it is no longer there.
  func take() -> Event {
    state.withLock { state in
      if !state.arrived.isEmpty {
        defer { (state.arrived, state.arrivedBytes) = ([], 0) }
        return .messages(state.arrived)
      }
      if state.isReplaced { return .replaced }
      if state.isBroken { return state.hasGap ? .gap : .broken }
      return state.isAsking ? .waiting : .rested
    }
  }

  /// Whether messages are to be asked for; says once that they are.
  func beginAsking() -> Bool {
    state.withLock { state in
      guard !state.isAsking, !state.isBroken, !state.isReplaced else { return false }
      (state.isAsking, state.heard) = (true, .now)
      return true
    }
  }

  /// Notes that nothing more comes from here.
  func breakOff() {
    state.withLock { $0.isBroken = true }
    onArrival()
  }

  /// Breaks off where the servers owe a sign of life.
  func tick(_ now: ContinuousClock.Instant) {
    let isSilent = state.withLock { $0.isAsking && !$0.isBroken && now - $0.heard > Self.silence }
    if isSilent { breakOff() }
  }

  /// On a thread of the library.
  private func received(_ message: consuming NATSMessage) {
    // What a member stored may have any header; only what the server says itself comes without a place.
    let status = DeliveredPlace(message.reply) == nil ? message.status : nil
    let isNews = state.withLock { state -> Bool in
      state.heard = .now
      if let status {
        // 100 is a sign of life; 404 and 408 end a request that waited long enough; 409 mostly does, or the consumer is gone.
        guard status != "100" else { return false }
        state.isAsking = false
        if status == "503" || (status == "409" && !message.stateDescription.hasPrefix("Message Size")) {
          state.isBroken = true
        }
        return true
      }
      return Self.take(message, &state)
    }
    if isNews { onArrival() }
  }

  private static func take(_ message: borrowing NATSMessage, _ state: inout State) -> Bool {
    guard !state.isBroken, !state.isReplaced else { return false }
    // The servers never send more than was asked for.
    guard let place = DeliveredPlace(message.reply), place.sequence == state.expected, place.sequence < .max,
      state.arrivedBytes <= EngineOptions.maxGroupBytes
    else {
      state.isBroken = true
      state.hasGap = DeliveredPlace(message.reply).map { $0.sequence > state.expected } ?? false
      return true
    }
    state.expected += 1
    if let anchor = state.anchor {
      state.anchor = nil
      state.isReplaced = place.stored != anchor
      return state.isReplaced
    }
    let bytes = message.bytes
    state.arrivedBytes += bytes.count
    state.arrived.append(
      OrderedMessage(sequence: place.sequence, subject: message.subject, bytes: bytes, stored: place.stored))
    return true
  }
}

/// Where a delivered message stands in its stream, as its reply subject tells:
/// `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<stored>.<pending>[.…]`.
struct DeliveredPlace: Hashable {
  let sequence: UInt64
  let stored: Int64

  init?(_ reply: String) {
    let tokens = reply.split(separator: ".", omittingEmptySubsequences: false)
    guard tokens.count >= 9, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
    let first = tokens.count == 9 ? 2 : 4
    guard tokens.count >= first + 7, let sequence = UInt64(tokens[first + 3]), let stored = Int64(tokens[first + 5])
    else { return nil }
    self.sequence = sequence
    self.stored = stored
  }
}
