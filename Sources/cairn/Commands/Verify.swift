import ArgumentParser
import Checkpoints
import EPCIS
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Terminal
import Wire

/// `cairn verify`
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify evidence offline.",
    discussion: """
      No network is used and no server is trusted: only what you hold is, a policy or the ledger's id. Says what was \
      proved, who signed it, when, under which checkpoint, and how the signer's key goes back to genesis: by which \
      registration and whose votes. What does not hold is named by its step. Of an answer with proofs (.cairn-pack) all \
      events are verified, that each is what was asked for, and that a trace follows from them; that none was left out no proof shows.

      Exit status 4 means that every step holds, and that the author's key was in other hands when the ledger ordered the \
      record: do not rely on what it says.
      """)

  @Argument(help: "Evidence: .cairn, .json or .tlog-proof; an answer: .cairn-pack.", completion: .file())
  var file: String

  @OptionGroup var held: TrustOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (held.policy == nil) != (held.genesis == nil) else {
      throw ValidationError("either --policy FILE or --genesis LEDGER_ID: what you trust")
    }
  }

  func run() async throws {
    guard let trust = try held.trust() else { return }
    let content = try EvidenceFormat.read(file)
    let format = EvidenceFormat(content: content)
    if format == .pack { return try await verifyPack(content, trust) }
    if format == .tlogProof { return try verifyProof(String(decoding: content, as: UTF8.self), trust) }
    var checkpoint: VerifiedCheckpoint?
    let verified: VerifiedEvidence
    do throws(Failure) {
      let evidence = try format.decode(content)
      checkpoint = trust.checkpoint(of: evidence)
      verified = try EvidenceVerifier.verify(evidence, trust: trust)
    } catch {
      return try refuse(error, checkpoint)
    }
    say(verified, trust)
    if verified.isCompromised { throw ExitCode(ExitStatus.compromised.rawValue) }
  }

  /// A tlog-proof holds a log entry at most: the record, its signer's name and the chain of keys are not in it.
  private func verifyProof(_ text: String, _ trust: EvidenceVerifier.Trust) throws {
    guard case .policy(let policy) = trust else {
      throw Failure(
        .preconditionFailed, "POLICY_NEEDED",
        "a tlog-proof does not hold the consortium's records: verify it with --policy, or the .cairn file with --genesis"
      )
    }
    do throws(Failure) {
      let proof = try TransparencyProof(text)
      guard let bytes = proof.extra.map({ Data($0) }) else {
        throw .malformed("NO_ENTRY", field: "extra", "the proof does not hold the log entry that it is about")
      }
      let verified = try proof.verify(leaf: MerkleTree.leafHash(bytes), policy: policy)
      let entry = try LogEntry(bytes)
      let words = ProvedEntry(entry: entry, header: try BatchHeader(entry.header), index: proof.index, verified)
      if json { return Console.output.write(JSONWriter.pretty(words.json)) }
      words.lines(style: style).forEach { Console.output.line($0) }
    } catch {
      try refuse(error, nil)
    }
  }

  private func say(_ evidence: VerifiedEvidence, _ trust: EvidenceVerifier.Trust) {
    if json { return Console.output.write(JSONWriter.pretty(EvidenceReport.json(evidence))) }
    EvidenceReport(style: style, width: Console.output.width).lines(evidence).forEach { Console.output.line($0) }
    Console.output.line()
    if evidence.isCompromised {
      Console.output.line(
        style(.bad, "compromised")
          + ": every step holds \(trust.words), but others had the author's key; do not rely on it")
    } else {
      Console.output.line(style(.good, "verified") + ": every step holds \(trust.words)")
    }
  }

  func refuse(_ failure: Failure, _ checkpoint: VerifiedCheckpoint?) throws {
    if json {
      Console.output.write(JSONWriter.pretty(EvidenceReport.json(failure)))
    } else {
      let style = Console.messages.style(environment: environment)
      let report = EvidenceReport(style: style, width: Console.messages.width)
      report.lines(failure, checkpoint: checkpoint).forEach { Console.messages.line($0) }
    }
    throw failure
  }

  var style: Style { Console.output.style(environment: environment) }
}
