package import Provenance
import Wire

/// By what names events are found when a trace is followed: on the ledger and in a pack the same.
package enum TraceNames {
  /// Hands every item, lot, class, parent and place of an event to `visit`, and the business transactions of a transaction
  /// event, by canonical identifier; some come twice.
  package static func things(of event: ValidatedEvent, _ visit: (String) -> Void) {
    for item in event.items { visit(item.canonical) }
    if event.event.type == .transaction {
      for transaction in event.bizTransactions where !isGoods(transaction) { visit(transaction) }
    }
  }

  /// The transformationID as written; nil where the event is no transformation.
  package static func transformation(of event: ValidatedEvent) -> String? {
    event.event.type == .transformation ? event.event.transformationID : nil
  }

  /// Whether a canonical identifier names a trade item, lot or logistic unit, which is no business transaction.
  package static func isGoods(_ name: String) -> Bool {
    name.hasPrefix("https://id.gs1.org/01/") || name.hasPrefix("https://id.gs1.org/00/")
  }
}
