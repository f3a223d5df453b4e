import ArgumentParser
import Checkpoints
import Client
import FoundationEssentials
import Ledger
import Primitives
import Provenance
import Terminal
import Wire

/// `cairn prove`
struct Prove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch evidence that anyone can verify offline.",
    discussion: """
      For an item its latest event is proved. What the server sends is verified before a file is written: by --policy, or by \
      the policy that the server itself gives. The file's name says what it holds: .cairn is protobuf, .json is JSON and \
      .tlog-proof is the C2SP proof of the log entry alone.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "An item, or a record id of 64 hexadecimal characters.")
  var what: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to; with --all a folder. Without it a name is made of the record id.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Prove every event of the item, a file each.")
  var all = false

  @Flag(help: "Write JSON.")
  var json = false

  @Flag(help: "Write a C2SP tlog-proof.")
  var tlogProof = false

  @Option(help: ArgumentHelp("The tlog-policy you hold.", valueName: "file"), completion: .file())
  var policy: String?

  func validate() throws {
    guard !(json && tlogProof) else { throw ValidationError("--json and --tlog-proof exclude each other") }
  }

  func run() async throws {
    let held = try policy.map { path throws(Failure) in try PolicyFile.read(path) }
    try await connection.withConnection { connection in
      let policy = if let held { held } else { try Policy(try await connection.ledgerInfo().policy) }
      let wanted = try await records(connection)
      for record in wanted {
        let evidence = try await connection.evidence(of: .recordID(Data(record.bytes)))
        let proved = try EvidenceVerifier.verify(evidence, trust: .policy(policy))
        try check(proved, is: record)
        try write(evidence, record)
      }
    }
    if policy == nil {
      Console.messages.line(
        "verified by the server's own policy; verify with the one you hold: cairn verify FILE --policy FILE")
    }
  }

  /// The records to prove; says which event it chose.
  private func records(_ connection: LedgerConnection) async throws -> [Digest] {
    if what.utf8.count == 64, let record = Digest(hex: what) { return [record] }
    let page = try await ItemEvents.all(what, connection)
    let events = all ? page.events : Array(page.events.suffix(1))
    guard let last = events.last else {
      throw Failure(.notFound, "NO_EVENTS", "the ledger has no event of \(page.item)")
    }
    if !all {
      let words = EventWords(last.event)
      let others = page.events.count - 1
      let note = others > 0 ? " (--all proves the \(others == 1 ? "other" : "\(others.grouped) others") too)" : ""
      Console.messages.line("the latest event: \(words.time.visible)  \(words.headline.visible)\(note)")
    }
    return try events.map { event throws(Failure) in
      guard let record = Digest(event.recordID) else {
        throw Failure(.corrupt, "MALFORMED_DIGEST", "the server gave a record id of \(event.recordID.count) bytes")
      }
      return record
    }
  }

  /// Evidence may be sound and yet be about something else than was asked for.
  private func check(_ proved: VerifiedEvidence, is record: Digest) throws(Failure) {
    guard let first = proved.records.first, first.id == record else {
      throw Failure(.corrupt, "WRONG_RECORD", "the server proved another record than \(record)")
    }
    guard Digest(hex: what) == nil, case .success(.provenance(let event)) = first.content.map(\.body) else { return }
    let item = try Identifier(what)
    guard event.items.contains(where: { $0.canonical == item.canonical }) else {
      throw Failure(.corrupt, "WRONG_RECORD", "the server proved an event that does not speak of \(item.canonical)")
    }
  }

  private func write(_ evidence: Cairn_V1_Evidence, _ record: Digest) throws(Failure) {
    let format = json ? EvidenceFormat.json : tlogProof ? .tlogProof : all ? .protobuf : EvidenceFormat(path: output)
    let name = "\(Timeline.short(record.bytes)).\(format.rawValue)"
    var path = output ?? name
    if all, let output {
      do {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
      } catch {
        throw Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "\(output) is no folder and cannot be made one")
      }
      path = "\(output)/\(name)"
    }
    try Files.replace(path, try format.encode(evidence))
    Console.output.line(path.visible)
  }
}
