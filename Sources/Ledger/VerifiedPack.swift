import Consortium
package import Primitives
package import Provenance
import Signing

/// What a pack has been found to prove.
package struct VerifiedPack: Sendable {
  /// All its records, ascending by place, with the checkpoint that they are under and the members and keys behind them.
  package let evidence: VerifiedEvidence
  /// The events among them, ascending by place.
  package let events: [ProvedEvent]

  /// Takes evidence whose records are ascending by place; malformed WITHOUT_EFFECT for a record that says nothing.
  init(_ evidence: VerifiedEvidence) throws(Failure) {
    self.evidence = evidence
    var events: [ProvedEvent] = []
    for (number, record) in evidence.records.enumerated() {
      switch record.content.map(\.body) {
      case .success(.provenance(let event)):
        let member = evidence.directory.keys[record.author.id]?.memberID
        events.append(
          ProvedEvent(
            record: record, event: event, memberID: member, isCompromised: evidence.isCompromised(record)))
      case .success(.masterData), .success(.consortium): continue
      case .failure(let failure):
        throw .step("RECORD_PATH", "WITHOUT_EFFECT", field: "records[\(number)]", "it has no effect: \(failure)")
      }
    }
    self.events = events
  }
}

/// An event that has been found in the log, as its author signed it.
package struct ProvedEvent: Sendable {
  package let record: VerifiedRecord
  package let event: ValidatedEvent
  /// The member whose key signed it.
  package let memberID: MemberID?
  /// Whether that key was in other hands when the ledger ordered it.
  package let isCompromised: Bool
}
