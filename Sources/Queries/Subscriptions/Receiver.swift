import Consortium
import Provenance
import SwiftProtobuf
import Wire

/// A running Receive call: what it has been given, and where it goes on.
struct Receiver: Sendable {
  /// Where it is in the log.
  enum Phase: Sendable {
    /// It looks for events itself, from this record on.
    case searching(from: UInt64)
    /// It has caught up with the one who reads for all: these records, and nothing else, may be for it.
    case following(candidates: [UInt64])
  }

  /// An event that was given out and not yet acknowledged.
  struct Delivered: Sendable {
    let ordinal: UInt64
    let place: RecordPlace
  }

  /// Most records that wait for a receiver that follows; with more it searches.
  static let maxCandidates = 1_024

  let subscription: Int64
  let caller: Caller
  let follower: Routes.Follower
  let maxInFlight: Int
  /// Entries in the log when the call began.
  let arrivedAt: UInt64
  let output: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>.Continuation

  var phase: Phase
  /// Ascending.
  var inFlight: [Delivered] = []
  /// Found, and not yet given out because there may be more.
  var page = SubscriptionPage()
  /// A page is being made for it, or it has not yet taken the last one.
  var isBusy = false
  /// It stands in the queue of those that may have something to do.
  var isQueued = false
  /// It is to be told when it has caught up.
  var owesWord = true

  /// Events that may still be given out.
  var credit: Int { maxInFlight - inFlight.count }

  var isFollowing: Bool { if case .following = phase { true } else { false } }

  /// Whether everything up to where the common reader stands has been looked at.
  var hasNothingLeft: Bool { if case .following(let candidates) = phase { candidates.isEmpty } else { false } }

  /// Notes that a record may be for it; false when there is no room.
  mutating func add(candidate ordinal: UInt64) -> Bool {
    guard case .following(var candidates) = phase, candidates.last != ordinal else { return true }
    guard candidates.count < Self.maxCandidates else { return false }
    phase = .searching(from: ordinal)
    candidates.append(ordinal)
    phase = .following(candidates: candidates)
    return true
  }

  /// Gives out the page there is, or the word that there is no more; nil where there is nothing to say.
  mutating func deliver(isCaughtUp: Bool, logSize: UInt64) -> Delivery? {
    guard !page.events.isEmpty || owesWord && isCaughtUp else { return nil }
    defer { page = SubscriptionPage() }
    inFlight += page.delivered
    owesWord = !isCaughtUp
    let message = Cairn_V1_ReceiveResponse.with {
      $0.events = page.events
      $0.caughtUp = isCaughtUp
      $0.logSize = logSize
    }
    return Delivery(output: output, message: message)
  }

  /// Takes what is acknowledged out of what is in flight, and passes over it if it was not even delivered.
  mutating func acknowledge(through place: RecordPlace, ordinal: UInt64) {
    inFlight.removeFirst(inFlight.prefix { $0.place <= place }.count)
    switch phase {
    case .searching(let start): phase = .searching(from: max(start, ordinal + 1))
    case .following(let candidates):
      phase = .following(candidates: Array(candidates.drop { $0 <= ordinal }))
    }
  }
}

/// A message and whom it is for.
struct Delivery: Sendable {
  let output: AsyncThrowingStream<Cairn_V1_ReceiveResponse, any Error>.Continuation
  let message: Cairn_V1_ReceiveResponse
}

/// Events on their way to a receiver.
struct SubscriptionPage: Sendable {
  /// Most events in one.
  static let maxEvents = 256
  /// A page is closed when its records have this many bytes.
  static let maxBytes = 64 << 10

  var events: [Cairn_V1_RecordedEvent] = []
  var delivered: [Receiver.Delivered] = []
  var bytes = 0

  mutating func append(_ event: Cairn_V1_RecordedEvent, ordinal: UInt64, bytes count: Int) {
    events.append(event)
    delivered.append(.init(ordinal: ordinal, place: RecordPlace(position: event.position, index: event.recordIndex)))
    bytes += count
  }

  /// Whether it takes no more, with room for `limit` events.
  func isFull(_ limit: Int) -> Bool { events.count >= min(limit, Self.maxEvents) || bytes >= Self.maxBytes }
}
