import Primitives
import Synchronization

/// How many bytes of records all answers that are being computed may hold together: so that no number of callers can use up
/// the node's memory.
final class ReadingAllowance: Sendable {
  /// What one answer took. It is given back when the last copy goes.
  final class Loan: Sendable {
    /// What every answer may take without asking.
    private static let freeBytes = 1 << 20

    private let lender: ReadingAllowance
    private let taken = Mutex(0)

    fileprivate init(_ lender: ReadingAllowance) { self.lender = lender }

    deinit { lender.giveBack(Self.charged(bytes)) }

    /// What was taken.
    var bytes: Int { taken.withLock { $0 } }

    /// Takes more; UNAVAILABLE NODE_BUSY where others hold too much already.
    func take(_ count: Int) throws(Failure) {
      let (before, after) = taken.withLock { bytes in
        bytes += count
        return (bytes - count, bytes)
      }
      do { try lender.take(Self.charged(after) - Self.charged(before)) } catch {
        taken.withLock { $0 -= count }
        throw error
      }
    }

    private static func charged(_ bytes: Int) -> Int { max(0, bytes - freeBytes) }
  }

  private let free: Mutex<Int>

  /// An allowance of so many bytes.
  init(bytes: Int = 64 << 20) { free = Mutex(bytes) }

  /// A loan of nothing yet.
  func loan() -> Loan { Loan(self) }

  private func take(_ count: Int) throws(Failure) {
    let isGranted = free.withLock { free in
      guard count <= free else { return false }
      free -= count
      return true
    }
    guard isGranted else {
      throw Failure(
        .unavailable, "NODE_BUSY", "large traces of others are being computed; try again in a moment",
        retryAfterMilliseconds: 1_000)
    }
  }

  private func giveBack(_ count: Int) { free.withLock { $0 += count } }
}
