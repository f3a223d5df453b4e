import ArgumentParser
import Checkpoints
import FoundationEssentials
import Ledger
import Primitives
import Wire

/// What evidence is verified by: one thing that the auditor holds.
struct TrustOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The tlog-policy you hold.", valueName: "file"), completion: .file())
  var policy: String?

  @Option(
    help: ArgumentHelp(
      "The ledger's id: then its consortium's own records, which the evidence holds, say whose signature counts.",
      valueName: "ledger-id"))
  var genesis: HexDigest?

  /// What is held, read; nil where neither option is there.
  func trust() throws(Failure) -> EvidenceVerifier.Trust? {
    if let policy { return .policy(try PolicyFile.read(policy)) }
    return genesis.map { .ledger($0.digest) }
  }
}

extension EvidenceVerifier.Trust {
  /// The checkpoint, if it holds by itself: by a policy that can be told before the records are looked at.
  func checkpoint(of evidence: Cairn_V1_Evidence) -> VerifiedCheckpoint? {
    if case .policy(let policy) = self { try? policy.verify(evidence.checkpoint) } else { nil }
  }

  /// What the trust rests on, for people.
  var words: String {
    switch self {
    case .policy: "under this policy"
    case .ledger: "from this ledger's genesis on"
    }
  }
}
