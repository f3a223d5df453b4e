import Ledger
import Merkle
import Primitives
import Store

extension SharedOrder {
  /// What earlier fetches came to.
  struct Fetched {
    /// Where the last one led to in the stream.
    var place: UInt64?
    /// Fetches in a row after which the node still could not follow.
    var inVain = 0
  }

  /// Seconds between tries, at most.
  private static let longestPause = 60

  /// Fetches until there is a place from which to go on, however long that takes; readers see the log as it was until then.
  /// False where the node is to stop.
  func fetch(_ fetch: LogFetch, _ epoch: UInt64, _ fetched: inout Fetched) async -> Bool {
    let reached = currentSequence
    fetched.inVain = fetched.place == reached ? fetched.inVain + 1 : 0
    let terms = LogFetchTerms(
      epoch: epoch,
      sign: { [writer] state throws(Failure) in
        try writer.signer.sign(size: state.edge.size, root: state.edge.root)
      }, erase: { [writer] erased throws(Failure) in try writer.forget(erased) },
      progress: { [weak self] in self?.set(.catchingUp($0)) })
    set(.catchingUp("it asks them"))
    while !Task.isCancelled {
      // Where it led to no place that the engine still has, there will be one once the members have recorded more.
      if fetched.inVain > 0 { await Self.pause(fetched.inVain) }
      do throws(Failure) {
        try await fetch(terms)
        fetched.place = try await writer.store.read { try $0.enginePlace()?.sequence }
        return true
      } catch {
        report(error)
        if error.kind == .preconditionFailed {
          set(.stopped(error))
          return false
        }
        set(.catchingUp("\(error)"))
        fetched.inVain += 1
      }
    }
    return false
  }

  private static func pause(_ failures: Int) async {
    try? await ContinuousClock().sleep(for: .seconds(min(longestPause, 1 << min(failures, 6))))
  }
}
