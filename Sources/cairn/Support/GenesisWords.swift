import EPCIS
import FoundationEssentials
import GenesisFile
import Primitives
import Signing
import Terminal
import Wire

/// The terms of a ledger, for people and for programs.
struct GenesisWords {
  private let file: GenesisFile
  private let ledgerID: Digest?

  init(_ file: GenesisFile) throws(Failure) {
    self.file = file
    ledgerID = try file.ledgerID
  }

  /// The ledger's id.
  var ledger: String { ledgerID?.description ?? "not signed yet" }

  /// Writes everything to the output.
  func print() {
    let facts = [
      ("ledger", ledger), ("name", terms.name), ("created", RecordedTime(file.createdAt.microseconds).text),
      ("founder", file.founder.map { "\(owner(of: $0.keyID)), key \($0.keyID)" } ?? "nobody has signed yet"),
      ("votes", Self.number(terms.thresholds.votes, "more than half of the members that can vote")),
      ("quorum", Self.number(terms.thresholds.quorum, "more than two thirds of the members with a node")),
    ]
    for (label, text) in facts { Console.output.line(label.padded(to: 10) + text.visible) }
    Console.output.line()
    var members = Table(
      ["MEMBER", "LEGAL NAME", "COUNTRY", "LEI", "CONTACT", "ROLES"], flexible: ["LEGAL NAME", "ROLES"])
    for member in terms.members {
      members.add([member.id, member.legalName, member.country, member.lei, member.contact, member.roles.words])
    }
    members.print()
    Console.output.line()
    var keys = Table(["KEY", "MEMBER", "ROLES", "LABEL", "VALID"], flexible: ["LABEL", "ROLES", "VALID"])
    for key in terms.keys {
      keys.add([
        String(Self.id(key).prefix(16)), key.memberID, key.roles.words, key.label, KeyWords.validity(key),
      ])
    }
    keys.print()
  }

  /// An object with the same facts.
  var json: JSONValue {
    .object([
      .init("ledgerId", ledgerID.map { .text("\($0)") } ?? .null), .init("name", .text(terms.name)),
      .init("created", .text("\(file.createdAt)")),
      .init("founderKeyId", file.founder.map { .text("\($0.keyID)") } ?? .null),
      .init("votes", .number(terms.thresholds.votes)), .init("quorum", .number(terms.thresholds.quorum)),
      .init("members", .array(terms.members.map { .object(MemberWords.terms($0)) })),
      .init("keys", .array(terms.keys.map { .object([.init("keyId", .text(Self.id($0)))] + KeyWords.terms($0)) })),
    ])
  }

  private var terms: Cairn_V1_Genesis { file.terms }

  private func owner(of id: KeyID) -> String {
    terms.keys.first { Self.id($0) == id.description }?.memberID ?? "a stranger"
  }

  private static func id(_ key: Cairn_V1_RegisterKey) -> String { KeyID(SHA256.hash(key.publicKey)).description }

  private static func number(_ number: UInt32, _ automatic: String) -> String { number == 0 ? automatic : "\(number)" }
}
