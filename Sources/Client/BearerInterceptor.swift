import GRPCCore
import Primitives
import Signing
import Synchronization
import Tokens

/// Sends a bearer token with each call, where there is one.
final class BearerInterceptor: ClientInterceptor {
  /// How long a token lasts that is made here, and how long it is used.
  private static let minutes = 60
  private static let useMinutes = 30

  private struct State {
    var ledgerID: Digest?
    var token: String?
    var madeAt: Instant?
  }

  private let key: PrivateKey?
  private let now: @Sendable () -> Instant
  private let state: Mutex<State>

  /// A token made elsewhere; fails with MALFORMED_TOKEN when it cannot stand in a header.
  init(token: String) throws(Failure) {
    let isPlain = token.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    guard isPlain, (1...BearerToken.maxByteCount).contains(token.utf8.count) else {
      throw .malformed(
        "MALFORMED_TOKEN", field: "token", "1 to \(BearerToken.maxByteCount) characters without spaces expected")
    }
    key = nil
    now = { Instant(microseconds: 0) }
    state = Mutex(State(token: token))
  }

  /// Tokens that `key` signs, once the ledger is known.
  init(key: PrivateKey, now: @escaping @Sendable () -> Instant) {
    self.key = key
    self.now = now
    state = Mutex(State())
  }

  /// Which ledger the tokens are for.
  func setLedger(_ id: Digest) { state.withLock { $0.ledgerID = id } }

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>,
    context: ClientContext,
    next: @concurrent (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    var request = request
    if let token = try await token() { request.metadata.addString("Bearer \(token)", forKey: "authorization") }
    return try await next(request, context)
  }

  private func token() async throws(Failure) -> String? {
    let known = state.withLock { $0 }
    guard let key, let ledgerID = known.ledgerID else { return known.token }
    let now = now()
    if let token = known.token, let madeAt = known.madeAt, now < madeAt.adding(minutes: Self.useMinutes) {
      return token
    }
    let token = try await BearerToken.make(for: ledgerID, key: key, now: now, minutes: Self.minutes)
    state.withLock { state in
      state.token = token
      state.madeAt = now
    }
    return token
  }
}

extension Instant {
  fileprivate func adding(minutes: Int) -> Instant {
    Instant(microseconds: microseconds + Int64(minutes) * 60_000_000)
  }
}
