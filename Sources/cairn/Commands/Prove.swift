import ArgumentParser
import Checkpoints
import Client
import Consortium
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
      For an item its latest event is proved, for a place, party or product that has none what it is; with --key, what a key may do, now or --at a position of the log. What the \
      server sends is verified before a file is written: by --policy or --genesis, or by the policy that the server itself \
      gives. The file's name says what it holds: .cairn is protobuf, .json is JSON and \
      .tlog-proof is the C2SP proof of the log entry alone.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "An item, or a record id of 64 hexadecimal characters.")
  var what: String?

  @Option(help: ArgumentHelp("Prove what this key may do: its id, or the file with its public half.", valueName: "key"))
  var key: KeyReference?

  @Option(help: ArgumentHelp("With --key: as an entry at this log position found it.", valueName: "position"))
  var at: UInt64?

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

  @OptionGroup var held: TrustOptions

  func validate() throws {
    guard !(json && tlogProof) else { throw ValidationError("--json and --tlog-proof exclude each other") }
    guard (what == nil) != (key == nil) else { throw ValidationError("either an item or a record id, or --key") }
    guard at == nil || key != nil, !all || key == nil else {
      throw ValidationError("--at goes with --key, --all does not")
    }
    guard held.policy == nil || held.genesis == nil else {
      throw ValidationError("--policy and --genesis exclude each other")
    }
  }

  func run() async throws {
    let held = try held.trust()
    try await connection.withConnection { connection in
      let trust =
        if let held { held } else {
          EvidenceVerifier.Trust.policy(try Policy(try await connection.ledgerInfo().policy))
        }
      if let key { return try await prove(try key.id(), trust, connection) }
      for record in try await records(connection) {
        let evidence = try await connection.evidence(of: .recordID(Data(record.bytes)))
        try check(try EvidenceVerifier.verify(evidence, trust: trust), is: record)
        try write(evidence, record)
      }
    }
    if held == nil {
      Console.messages.line(
        "verified by the server's own policy; verify with the one you hold: cairn verify FILE --policy FILE")
    }
  }

  /// Says what the evidence itself shows of the key, not what the server says of it.
  private func prove(_ id: KeyID, _ trust: EvidenceVerifier.Trust, _ connection: LedgerConnection) async throws {
    let answer = try await connection.authority(of: id, at: at, withEvidence: true)
    let proved = try EvidenceVerifier.verify(answer.evidence, trust: trust)
    let time = Instant(microseconds: answer.ledgerTimeMicroseconds)
    let authority: Authority
    do { authority = try proved.directory.authority(of: id, at: answer.position, time: time) } catch {
      throw Failure(.corrupt, "WRONG_RECORD", "the server's evidence does not show key \(id) at \(answer.position)")
    }
    let standing = authority.condition.reason.map { "not in force: \($0)" } ?? "in force as \(authority.effectiveRoles)"
    Console.messages.line(
      "key \(id) of \(authority.key.memberID): \(standing), at log position \(answer.position), \(time)")
    try write(answer.evidence, id.digest)
  }

  /// The records to prove; says which event it chose.
  private func records(_ connection: LedgerConnection) async throws -> [Digest] {
    guard let what else { return [] }
    if what.utf8.count == 64, let record = Digest(hex: what) { return [record] }
    let page = try await ItemEvents.all(what, connection)
    let events = all ? page.events : Array(page.events.suffix(1))
    guard let last = events.last else { return [try await description(of: page.item, connection)] }
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

  /// What counts of what members say of a place, a party or a product.
  private func description(of subject: String, _ connection: LedgerConnection) async throws(Failure) -> Digest {
    let shown: Cairn_V1_RecordedMasterData
    do { shown = try await connection.masterData(of: subject).entry.shown } catch
      where error.reason == "UNKNOWN_SUBJECT"
    {
      throw Failure(.notFound, "NO_EVENTS", "the ledger has no event of \(subject) that is open to you")
    }
    guard let record = Digest(shown.recordID) else {
      throw Failure(.corrupt, "MALFORMED_DIGEST", "the server gave a record id of \(shown.recordID.count) bytes")
    }
    Console.messages.line("what \(shown.memberID.visible) says: \(MasterDataWords(shown.masterData).headline.visible)")
    return record
  }

  /// Evidence may be sound and yet be about something else than was asked for.
  private func check(_ proved: VerifiedEvidence, is record: Digest) throws(Failure) {
    guard let first = proved.records.first, first.id == record else {
      throw Failure(.corrupt, "WRONG_RECORD", "the server proved another record than \(record)")
    }
    guard let what, Digest(hex: what) == nil else { return }
    let item = try Identifier(what).canonical
    let isAbout =
      switch first.content.map(\.body) {
      case .success(.provenance(let event)): event.items.contains { $0.canonical == item }
      case .success(.masterData(let data)): data.subject == item
      case .success(.consortium), .failure: false
      }
    guard isAbout else {
      throw Failure(.corrupt, "WRONG_RECORD", "the server proved a record that does not speak of \(item)")
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
