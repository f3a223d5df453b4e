import ArgumentParser
import Checkpoints
import Client
import FoundationEssentials
import Ledger
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// Whether an answer is to be proved, and by what the proofs are verified before they are written.
struct ProofOptions: ParsableArguments {
  @Option(
    name: .customLong("prove"),
    help: ArgumentHelp(
      "Write the answer with proofs of all its events to this file, .cairn-pack: cairn verify checks it offline.",
      valueName: "file"),
    completion: .file())
  var file: String?

  @OptionGroup var held: TrustOptions

  func validate() throws {
    guard held.policy == nil || held.genesis == nil else {
      throw ValidationError("--policy and --genesis exclude each other")
    }
    guard file != nil || held.policy == nil && held.genesis == nil else {
      throw ValidationError("--policy and --genesis go with --prove")
    }
  }

  /// All pages of an answer with their proofs, written to the file once they have been verified.
  func proved(
    _ question: Cairn_V1_ProvedAnswer.OneOf_Question, _ pages: EventPages, _ connection: LedgerConnection
  ) async throws -> EventPages.Page {
    var merger = PackMerger()
    let page = try await pages.all { page in
      if let evidence = page.evidence { try merger.add(evidence, size: page.logSize) }
    }
    let answer = Cairn_V1_ProvedAnswer.with {
      $0.question = question
      $0.forbiddenEvents = page.hidesEvents
      $0.partial = page.hasMore
    }
    try await write(answer, try merger.pack(), about: page.events.map(\.recordID), connection)
    return page
  }

  /// Writes an answer and its proofs once they have been verified, and are of the records with these ids.
  func write(
    _ answer: Cairn_V1_ProvedAnswer, _ evidence: Cairn_V1_EvidencePack?, about ids: [Data],
    _ connection: LedgerConnection
  ) async throws {
    guard let evidence, let file else {
      return Console.messages.line("there are no events, and so nothing to prove; no file was written")
    }
    var answer = answer
    answer.format = AnswerVerifier.format
    answer.evidence = evidence
    let verified = try await AnswerVerifier.verify(answer, trust: try await trust(connection))
    // Proofs may be sound and yet be of other events than were shown.
    guard Set(verified.events.map { Data($0.record.id.bytes) }) == Set(ids) else {
      throw Failure(.corrupt, "WRONG_RECORD", "the server proved other events than those of its answer")
    }
    try Files.replace(file, Array(try BatchBuilder.serialize(answer)))
    let basis = held.policy == nil && held.genesis == nil ? " (verified by the server's own policy)" : ""
    Console.messages.line("\(verified.events.count.counted("event")) proved in \(file.visible)\(basis)")
    if !verified.unchecked.isEmpty {
      Console.messages.line("not checked, because master data decides: \(verified.unchecked.joined(separator: ", "))")
    }
  }

  private func trust(_ connection: LedgerConnection) async throws -> EvidenceVerifier.Trust {
    if let trust = try held.trust() { return trust }
    return .policy(try Policy(try await connection.ledgerInfo().policy))
  }
}
