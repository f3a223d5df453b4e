package import Consensus
import Ledger
package import Primitives
package import Store

extension Store {
  /// All who were in charge from the last final checkpoint to the end of the log that `view` shows.
  package func signersSinceFinal(in view: LedgerView) throws(Failure) -> [Signers] {
    var history = SignerHistory()
    let start = max(view.certificate?.size ?? 1, 1)
    var position = start - 1
    while position < view.logSize {
      let first = position
      let page = try readNow { try $0.entries(from: first, limit: 1_024) }
      guard !page.isEmpty else { throw LedgerReader.corrupt("log entry \(position)") }
      for entry in page {
        position = entry.position + 1
        let time = try LogEntry(entry.bytes).ledgerTime
        history.record(Signers(view.directory, at: time, position: position), at: position)
      }
    }
    return history.signers(from: start, to: view.logSize)
  }

  /// The roots over the first entries of the log that `view` shows; nil beyond its end.
  package func roots(of view: LedgerView) -> Certifier.RootSource {
    { size in
      guard (1...view.logSize).contains(size) else { return nil }
      return try? self.readNow { try $0.root(size: size, in: view) }
    }
  }
}
