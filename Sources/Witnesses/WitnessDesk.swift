package import Checkpoints
import Foundation
package import Logging
import NIOPosix
package import Primitives
import Signing
import Synchronization

/// Where other logs bring their checkpoints: judges by the rules of `Witness`, and answers when what it cosigned is on disk.
package final class WitnessDesk: Sendable {
  /// The most bytes a request may have.
  package static let maxByteCount = WitnessRequest.maxByteCount
  /// Most requests a second, of everybody together.
  package static let requestsPerSecond = 100
  /// Most cosignatures of one log a second.
  package static let cosignaturesPerSecond = 20

  private let witness: Witness
  private let state: WitnessState
  private let logger: Logger
  private let now: @Sendable () -> Instant
  private let requests = Mutex(RequestCount(limit: requestsPerSecond))
  private let cosignatures = Mutex<[String: RequestCount]>([:])

  /// A desk of `witness`, whose memory is `state`.
  package init(_ witness: Witness, state: WitnessState, logger: Logger, now: @escaping @Sendable () -> Instant) {
    self.witness = witness
    self.state = state
    self.logger = logger
    self.now = now
  }

  /// What others verify with.
  package var verifierKey: VerifierKey { witness.verifierKey }

  /// The size of each log at which it was cosigned last, by origin.
  package var sizes: [(origin: String, size: UInt64)] {
    state.origins.compactMap { origin in state.latest(of: origin).map { (origin, $0.checkpoint.size) } }
  }

  /// Takes a request; gives back the signature line. Fails as `WitnessRequest`, `Witness.examine` and `Witness.cosign` do,
  /// or with exhausted TOO_MANY_REQUESTS.
  package func cosign(_ body: [UInt8]) async throws(Failure) -> String {
    try requests.withLock { count throws(Failure) in try count.take(at: now()) }
    let request = try WitnessRequest(body)
    try witness.examine(request)
    let origin = request.checkpoint.origin
    try cosignatures.withLock { counts throws(Failure) in
      try counts[origin, default: RequestCount(limit: Self.cosignaturesPerSecond)].take(at: now())
    }
    let result: Result<Witness.Cosigned, Failure>
    do {
      result = try await NIOThreadPool.singleton.runIfActive { [state, witness, now] in
        do throws(Failure) {
          return .success(
            try state.replace(origin) { last throws(Failure) in try witness.cosign(request, after: last, at: now()) })
        } catch { return .failure(error) }
      }
    } catch { throw Failure(.unavailable, "SHUTTING_DOWN", "this node is shutting down") }
    do throws(Failure) { return try result.get().line } catch {
      log(error, request)
      throw error
    }
  }

  /// The latest checkpoint that was cosigned of the log whose origin has this SHA-256 in hexadecimal; nil if none was.
  package func note(ofHash hash: String) -> String? { state.latest(ofHash: hash)?.note.description }

  /// A log that signed what does not fit is a matter for people: the whole request is in the node's log.
  private func log(_ failure: Failure, _ request: WitnessRequest) {
    switch failure.reason {
    case "INCONSISTENT_CHECKPOINT":
      logger.error("witness: \(failure.message); request: \(request.description.debugDescription)")
    case "CLOCK_WENT_BACK", "WITNESS_STATE_NOT_WRITTEN": logger.error("witness: \(failure)")
    default: break
    }
  }
}

/// How many there were in the present second.
struct RequestCount: Hashable, Sendable {
  private let limit: Int
  private var second: Int64 = 0
  private var count = 0

  init(limit: Int) { self.limit = limit }

  /// Counts one more; fails with exhausted TOO_MANY_REQUESTS beyond the limit.
  mutating func take(at time: Instant) throws(Failure) {
    let second = time.microseconds / 1_000_000
    if second != self.second { (self.second, count) = (second, 0) }
    guard count < limit else {
      throw Failure(
        .exhausted, "TOO_MANY_REQUESTS", "more than \(limit) in a second", retryAfterMilliseconds: 1_000)
    }
    count += 1
  }
}
