import Primitives
package import Wire

extension Cairn_V1_ConsortiumRecord {
  /// What the record changes, on one line.
  package var words: String {
    switch change {
    case .genesis(let genesis):
      "the ledger \(genesis.name) is founded by \(genesis.members.count.counted("member"))"
    case .registerKey(let terms): "a key is registered for \(terms.memberID) as \(terms.roles.words)"
    case .revokeKey(let terms): "key \(Timeline.short(terms.keyID)) is revoked"
    case .rotateKey(let terms): "key \(Timeline.short(terms.keyID)) is replaced"
    case .propose(let proposal): "it is proposed to \(ProposalWords(proposal).headline)"
    case .vote(let vote):
      "a vote \(vote.choice == .approve ? "for" : "against") proposal \(Timeline.short(vote.proposalID))"
    case .withdraw(let withdrawal): "proposal \(Timeline.short(withdrawal.proposalID)) is withdrawn"
    case nil: "a record without effect"
    }
  }
}
