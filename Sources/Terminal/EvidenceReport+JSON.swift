import Checkpoints
import Consortium
package import EPCIS
package import Ledger
package import Primitives
import Provenance
import Signing
import Wire

extension EvidenceReport {
  /// What was proved.
  package static func json(_ evidence: VerifiedEvidence) -> JSONValue {
    .object(
      [.init("verified", .boolean(true)), .init("compromised", .boolean(evidence.isCompromised))]
        + frame(of: evidence, about: Array(evidence.records.prefix(1))) + [
          .init("records", .array(evidence.records.map { record(in: evidence, $0) }))
        ])
  }

  /// The ledger, the checkpoint, and the keys of the records' authors.
  static func frame(of evidence: VerifiedEvidence, about records: [VerifiedRecord]) -> [JSONValue.Member] {
    let checkpoint = evidence.checkpoint.checkpoint
    return [
      .init("ledgerId", .text("\(evidence.ledgerID)")),
      .init("origin", .text(checkpoint.origin)), .init("size", .number(checkpoint.size)),
      .init("root", .text("\(checkpoint.root)")),
      .init("cosigners", .array(evidence.checkpoint.cosigners.map { .text($0.witness.name) })),
      .init("keys", .array(evidence.registrations(of: records).map(registration))),
    ]
  }

  /// Why nothing was proved.
  package static func json(_ failure: Failure) -> JSONValue {
    .object([
      .init("verified", .boolean(false)), .init("step", .text(EvidenceStep(failure).rawValue)),
      .init("reason", .text(failure.reason)), .init("message", .text(failure.message)),
    ])
  }

  private static func registration(_ registration: Registration) -> JSONValue {
    let key = registration.key
    var members: [JSONValue.Member] = [
      .init("keyId", .text("\(key.id)")), .init("memberId", .text("\(key.memberID)")),
      .init("roles", .array(key.roles.map { .text($0.rawValue) })), .init("label", .text(key.label)),
      .init("registeredPosition", .number(key.registeredBy.position)),
    ]
    switch registration.origin {
    case .genesis: break
    case .admin(let record): members.append(.init("registeredBy", .text("\(record.author.id)")))
    case .votes(let voters): members.append(.init("votes", .array(voters.map { .text("\($0)") })))
    }
    members.append(.init("registeredByCompromisedKey", .boolean(registration.isDoubtful)))
    return .object(members)
  }

  static func record(in evidence: VerifiedEvidence, _ record: VerifiedRecord) -> JSONValue {
    let key = evidence.directory.keys[record.author.id]
    var members: [JSONValue.Member] = [
      .init("recordId", .text("\(record.id)")), .init("position", .number(record.position)),
      .init("recordIndex", .number(record.index)), .init("ledgerTime", .text("\(record.entry.ledgerTime)")),
      .init("authorKeyId", .text("\(record.author.id)")), .init("suite", .text("\(record.author.suite)")),
      .init("memberId", key.map { .text("\($0.memberID)") } ?? .null),
      .init("roles", .array(key?.roles.map { .text($0.rawValue) } ?? [])),
      .init("authorCompromised", .boolean(evidence.isCompromised(record))),
      .init("createdAt", .text("\(record.header.createdAt)")), .init("sequence", .number(record.header.sequence)),
    ]
    switch record.content.map(\.body) {
    case .success(.provenance(let event)):
      if let json = try? EPCISWriter.event(event.event) { members.append(.init("event", json)) }
    case .success(.masterData(let data)):
      members.append(.init("masterData", MasterDataWriter.object(data.masterData)))
    case .success(.consortium): members.append(.init("record", .hex(record.bytes)))
    case .failure(let failure): members.append(.init("withoutEffect", .text("\(failure)")))
    }
    return .object(members)
  }
}
