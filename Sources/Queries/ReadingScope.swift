import Consortium
import Primitives
import Store

/// What one answer is computed with: the newest directory, and what the caller may read by it.
struct ReadingScope: Sendable {
  let directory: Directory
  let reader: Reader
}

extension Queries {
  /// The caller's rights now: as an entry that came now would find them, whatever they were when the call began.
  func scope(of caller: Caller, in view: LedgerView) -> ReadingScope {
    ReadingScope(
      directory: view.directory,
      reader: Reader(caller, directory: view.directory, at: nextLedgerTime(in: view)))
  }

  /// The ledger time that an entry would have now.
  func nextLedgerTime(in view: LedgerView) -> Instant { max(now(), view.ledgerTime) }

  /// Holds an answer back that tells of nothing, or of something hidden, to the next full `discretion` since the question
  /// came: so the time it took does not tell whether there was something to look at. Who reads everything need not wait.
  func hold(since asked: ContinuousClock.Instant, _ scope: ReadingScope) async {
    guard discretion > .zero, !scope.reader.readsEverything else { return }
    let steps = ((ContinuousClock.now - asked) / discretion).rounded(.down) + 1
    // Who hangs up is not held.
    try? await ContinuousClock().sleep(until: asked + discretion * Int(steps))
  }
}
