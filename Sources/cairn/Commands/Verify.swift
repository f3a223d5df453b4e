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
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify evidence offline.",
    discussion: """
      No network is used and no server is trusted: only the policy is, or with --genesis nothing but the ledger's id: then the \
      consortium's own records in the file say whose signature counts. Says what was proved, who signed it, when, and under \
      which checkpoint; what does not hold is named by its step.
      """)

  @Argument(help: "Evidence: .cairn, .json or .tlog-proof.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The tlog-policy you hold.", valueName: "file"), completion: .file())
  var policy: String?

  @Option(help: ArgumentHelp("The id of the ledger you trust, 64 hexadecimal characters.", valueName: "id"))
  var genesis: HexDigest?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (policy == nil) != (genesis == nil) else {
      throw ValidationError("say what you trust: --policy FILE, or --genesis LEDGER-ID")
    }
  }

  func run() throws {
    let policy = try policy.map { path throws(Failure) in try PolicyFile.read(path) }
    let content = try Files.read(file, limit: EvidenceFormat.maxByteCount)
    let format = EvidenceFormat(content: content)
    if format == .tlogProof {
      guard let policy else { throw Failure(.malformed, "POLICY_NEEDED", "a tlog-proof is verified with --policy") }
      return try verifyProof(String(decoding: content, as: UTF8.self), policy)
    }
    var checkpoint: VerifiedCheckpoint?
    do throws(Failure) {
      let evidence = try format.decode(content)
      checkpoint = try? policy?.verify(evidence.checkpoint)
      say(try EvidenceVerifier.verify(evidence, trust: trust(policy)))
    } catch {
      try refuse(error, checkpoint)
    }
  }

  private func trust(_ policy: Policy?) throws(Failure) -> EvidenceVerifier.Trust {
    if let policy { return .policy(policy) }
    guard let genesis else { throw Failure(.malformed, "POLICY_NEEDED", "there is nothing to trust") }
    return .ledger(genesis.digest)
  }

  /// A tlog-proof holds a log entry at most: the record, its signer's name and the chain of keys are not in it.
  private func verifyProof(_ text: String, _ policy: Policy) throws {
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

  private func say(_ evidence: VerifiedEvidence) {
    if json { return Console.output.write(JSONWriter.pretty(EvidenceReport.json(evidence))) }
    EvidenceReport(style: style, width: Console.output.width).lines(evidence).forEach { Console.output.line($0) }
    Console.output.line()
    Console.output.line(
      style(.good, "verified") + ": every step holds under this \(policy == nil ? "ledger's own records" : "policy")")
  }

  private func refuse(_ failure: Failure, _ checkpoint: VerifiedCheckpoint?) throws {
    if json {
      Console.output.write(JSONWriter.pretty(EvidenceReport.json(failure)))
    } else {
      let style = Console.messages.style(environment: environment)
      let report = EvidenceReport(style: style, width: Console.messages.width)
      report.lines(failure, checkpoint: checkpoint).forEach { Console.messages.line($0) }
    }
    throw failure
  }

  private var style: Style { Console.output.style(environment: environment) }
}
