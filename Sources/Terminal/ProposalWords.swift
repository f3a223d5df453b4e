package import EPCIS
import FoundationEssentials
import Primitives
import Signing
package import Wire

/// What is proposed, for people and for programs.
package struct ProposalWords: Sendable {
  private let proposal: Cairn_V1_Proposal

  /// A proposal as it was recorded.
  package init(_ proposal: Cairn_V1_Proposal) { self.proposal = proposal }

  /// One line, for example `suspend member acme`.
  package var headline: String {
    switch proposal.action {
    case .addMember(let action): "add member \(action.member.id) (\(action.member.legalName), \(action.member.country))"
    case .suspendMember(let action): "suspend member \(action.memberID)"
    case .reinstateMember(let action): "reinstate member \(action.memberID)"
    case .removeMember(let action): "remove member \(action.memberID) for good"
    case .changeRoles(let action): "let keys of \(action.memberID) have these roles: \(action.roles.words)"
    case .registerKey(let action): "register a key of \(action.memberID) as \(action.roles.words)"
    case .rotateKey(let action): "replace key \(Timeline.short(action.keyID))"
    case .revokeKey(let action): "revoke key \(Timeline.short(action.keyID))"
    case .changeThresholds(let action):
      "decide by \(Self.count(action.votes, "votes")), finish by \(Self.count(action.quorum, "cosignatures"))"
    case .pauseAuthor(let action): "pause key \(Timeline.short(action.keyID))"
    case .resumeAuthor(let action): "resume key \(Timeline.short(action.keyID))"
    case .redact(let action): "erase record \(action.position).\(action.recordIndex)"
    case nil: "something that this version does not know"
    }
  }

  /// Every fact of it but the headline.
  package var details: [(label: String, text: String)] {
    var facts = action
    if !proposal.reason.isEmpty { facts.append(("why", proposal.reason)) }
    facts.append(("open", "until \(RecordedTime(proposal.expiresAtMicroseconds).text)"))
    return facts
  }

  /// An object with the action's kind and its facts.
  package var json: [JSONValue.Member] {
    [
      .init("action", .object([.init("kind", .text(kind))] + facts)), .init("reason", .text(proposal.reason)),
      .init("expiresAt", KeyWords.time(proposal.expiresAtMicroseconds)),
    ]
  }

  private static func count(_ number: UInt32, _ what: String) -> String {
    number == 0 ? "as many \(what) as the rules ask for" : "\(number) \(what)"
  }
}

extension ProposalWords {
  private var action: [(label: String, text: String)] {
    switch proposal.action {
    case .addMember(let action):
      [("roles", action.member.roles.words)]
        + [("LEI", action.member.lei), ("contact", action.member.contact)].filter { !$0.1.isEmpty }
        + action.keys.flatMap(Self.facts)
    case .registerKey(let key): Self.facts(key)
    case .rotateKey(let action):
      [
        ("key", Hex.encode(action.keyID)), ("successor", Self.id(action.publicKey)),
        ("overlap", "until \(RecordedTime(action.overlapUntilMicroseconds).text)"),
      ]
    case .revokeKey(let action):
      [("key", Hex.encode(action.keyID))]
        + (action.reason.isEmpty ? [] : [("because", action.reason)])
        + (action.compromisedSinceMicroseconds == 0
          ? [] : [("stolen", "since \(RecordedTime(action.compromisedSinceMicroseconds).text)")])
    case .pauseAuthor(let action): [("key", Hex.encode(action.keyID))]
    case .resumeAuthor(let action): [("key", Hex.encode(action.keyID))]
    case .redact(let action): [("record", Hex.encode(action.recordID))]
    case .suspendMember, .reinstateMember, .removeMember, .changeRoles, .changeThresholds, nil: []
    }
  }

  private static func id(_ publicKey: Data) -> String { "\(KeyID(SHA256.hash(publicKey)))" }

  private static func facts(_ key: Cairn_V1_RegisterKey) -> [(label: String, text: String)] {
    let label = key.label.isEmpty ? "" : " '\(key.label)'"
    return [("key", "\(id(key.publicKey)), \(key.roles.words)\(label), valid \(KeyWords.validity(key))")]
  }

  private var kind: String {
    switch proposal.action {
    case .addMember: "addMember"
    case .suspendMember: "suspendMember"
    case .reinstateMember: "reinstateMember"
    case .removeMember: "removeMember"
    case .changeRoles: "changeRoles"
    case .registerKey: "registerKey"
    case .rotateKey: "rotateKey"
    case .revokeKey: "revokeKey"
    case .changeThresholds: "changeThresholds"
    case .pauseAuthor: "pauseAuthor"
    case .resumeAuthor: "resumeAuthor"
    case .redact: "redact"
    case nil: "unknown"
    }
  }

  private var facts: [JSONValue.Member] {
    switch proposal.action {
    case .addMember(let action):
      MemberWords.terms(action.member) + [.init("keys", .array(action.keys.map { .object(KeyWords.terms($0)) }))]
    case .suspendMember(let action): [.init("memberId", .text(action.memberID))]
    case .reinstateMember(let action): [.init("memberId", .text(action.memberID))]
    case .removeMember(let action): [.init("memberId", .text(action.memberID))]
    case .changeRoles(let action):
      [.init("memberId", .text(action.memberID)), .init("roles", .array(action.roles.names.map { .text($0) }))]
    case .registerKey(let key): KeyWords.terms(key)
    case .rotateKey(let action):
      [
        .init("keyId", .hex(action.keyID)), .init("publicKey", .hex(action.publicKey)),
        .init("overlapUntil", KeyWords.time(action.overlapUntilMicroseconds)),
        .init("notAfter", KeyWords.time(action.notAfterMicroseconds)),
      ]
    case .revokeKey(let action):
      [
        .init("keyId", .hex(action.keyID)), .init("because", .text(action.reason)),
        .init("compromisedSince", KeyWords.time(action.compromisedSinceMicroseconds)),
      ]
    case .changeThresholds(let action):
      [.init("votes", .number(action.votes)), .init("quorum", .number(action.quorum))]
    case .pauseAuthor(let action): [.init("keyId", .hex(action.keyID))]
    case .resumeAuthor(let action): [.init("keyId", .hex(action.keyID))]
    case .redact(let action):
      [
        .init("position", .number(action.position)), .init("recordIndex", .number(action.recordIndex)),
        .init("recordId", .hex(action.recordID)),
      ]
    case nil: []
    }
  }
}
