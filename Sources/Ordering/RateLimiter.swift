import Primitives
import Synchronization

/// Charges keys and members for what they send, by this machine's monotonic clock.
final class RateLimiter: Sendable {
  /// Who pays how much for a batch.
  struct Charge: Sendable {
    /// The key first: what it may not send yet must not use up what its member may.
    let payers: [Payer]
    let cost: Cost
  }

  private let limits: RateLimits
  private let meters: Mutex<Meters>
  private let clock: @Sendable () -> Int64

  /// Counts microseconds by `clock`.
  init(_ limits: RateLimits, clock: @escaping @Sendable () -> Int64 = RateLimiter.stopwatch()) {
    self.limits = limits
    self.clock = clock
    meters = Mutex(Meters(limits))
  }

  /// Microseconds from now on.
  static func stopwatch() -> @Sendable () -> Int64 {
    let start = ContinuousClock.now
    return { Int64((ContinuousClock.now - start) / .microseconds(1)) }
  }

  private var now: Int64 { clock() }

  /// What a batch of that key costs whom; nobody without limits.
  func charge(_ key: KeyID, lane: Lane, cost: Cost) -> Charge {
    var payers: [Payer] = []
    if !limits.key.isUnlimited { payers.append(.key(key)) }
    if !limits.member.isUnlimited, !lane.isAdministrative { payers.append(.member(lane.member)) }
    return Charge(payers: payers, cost: cost)
  }

  /// Charges at once, or refuses: RATE_LIMITED with the time until the same would pass if nobody else sent anything.
  func pay(_ charge: Charge) throws(Failure) {
    if charge.payers.isEmpty { return }
    let now = now
    try meters.withLock { (meters) throws(Failure) in try meters.charge(charge.payers, charge.cost, at: now) }
  }

  /// Charges as soon as every limit allows it. RATE_LIMITED when that is more than a minute away; CALL_ENDED when the
  /// task is cancelled, and then nobody is charged.
  func payInTime(_ charge: Charge) async throws(Failure) {
    for (index, payer) in charge.payers.enumerated() {
      do throws(Failure) {
        try await payInTime(payer, charge.cost)
      } catch {
        giveBack(Charge(payers: Array(charge.payers[..<index]), cost: charge.cost))
        throw error
      }
    }
  }

  private func payInTime(_ payer: Payer, _ cost: Cost) async throws(Failure) {
    let now = now
    let wait = try meters.withLock { (meters) throws(Failure) in try meters.reserve(payer, cost, at: now) }
    guard wait > 0 else { return }
    do { try await ContinuousClock().sleep(for: .microseconds(wait)) } catch {
      giveBack(Charge(payers: [payer], cost: cost))
      throw Failure(
        .unavailable, "CALL_ENDED",
        "the call ended while its batch waited for its turn; it is not recorded, send it again")
    }
  }

  /// Gives back what was paid for a batch that was not taken after all.
  func giveBack(_ charge: Charge) {
    if charge.payers.isEmpty { return }
    let now = now
    meters.withLock { $0.giveBack(charge.payers, charge.cost, at: now) }
  }
}
