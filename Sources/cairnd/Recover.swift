import ArgumentParser
import Consensus
import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store
import Wire

/// Goes on after the engine was lost or put back: see Recovery in the documentation.
struct Recover: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a consortium's ledger after its engine was lost or rolled back.",
    discussion: """
      First every operator stops the node and closes the epoch; then all statements are gathered, and every operator opens \
      the next epoch with them. Nothing final is ever taken out of a log.
      """, subcommands: [RecoverClose.self, RecoverOpen.self])
}

/// Leaves an epoch for good and says how far this node had come.
struct RecoverClose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "Leave the epoch: write to standard output, signed, what this node had, and sign nothing more in it.",
    discussion: "For a stopped node. Given again it says the same.")

  @Argument(help: "The data directory.")
  var directory: String

  func run() async throws {
    let desk = try RecoveryDesk(DataDirectory(directory))
    var promise = try desk.promises.promise
    if !promise.isClosed {
      promise = promise.closed
      try desk.promises.save(promise)
    }
    let view = desk.view
    let statement = Statement(
      ledgerID: view.ledgerID, closedEpoch: promise.epoch, signed: promise.log, finalSize: view.certifiedSize,
      log: LogPoint(size: view.logSize, root: view.edge.root))
    let signed = try statement.signed(by: desk.key)
    Console.print(try StatementFile(signed).text)
    Console.error(
      "epoch \(promise.epoch) is closed here; the log has \(view.logSize) entries, \(view.certifiedSize) of them final")
  }
}

/// Opens the next epoch from what the members' statements say.
struct RecoverOpen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the next epoch: cut the log back to where the members' statements agree.",
    discussion: """
      For a stopped node that has closed the epoch. What is taken out of the log is kept, and published again when the node \
      serves. Given again after a crash it does what was not done yet.
      """)

  @Argument(help: "The data directory.")
  var directory: String

  @Argument(help: "The members' statements, as `cairnd recover close` wrote them: of a quorum at least.")
  var statements: [String]

  @Flag(help: "Go on even though an honest node may have cosigned another log, and can then not sign with its key again.")
  var acceptIncomplete = false

  func run() async throws {
    let desk = try RecoveryDesk(DataDirectory(directory))
    let promise = try desk.promises.promise
    guard promise.isClosed else {
      throw Failure(
        .preconditionFailed, "EPOCH_NOT_CLOSED",
        "this node is in epoch \(promise.epoch) and has not left it: cairnd recover close \(directory) comes first; where "
          + "that was done, the next epoch is open already, and there is nothing to do")
    }
    var signed: [SignedStatement] = []
    for path in statements { signed.append(try StatementFile(path: path).statement) }
    guard let kept = try desk.store.latestOpening(), kept.epoch == promise.epoch + 1 else {
      let opening = try desk.opening(signed, epoch: promise.epoch, acceptingIncomplete: acceptIncomplete)
      let removed = try desk.cutBack(to: opening)
      try desk.promises.save(promise.opening(opening.epoch))
      report(opening.epoch, size: opening.base.size, removed)
      return
    }
    // A run before this one cut the log back and ended before the promise was written.
    try desk.promises.save(promise.opening(kept.epoch))
    report(kept.epoch, size: desk.view.logSize, Truncation())
  }

  private func report(_ epoch: UInt64, size: UInt64, _ removed: Truncation) {
    Console.print(
      """
      epoch \(epoch) goes on from \(size) entries
      taken out: \(removed.entryCount); kept to be published again: \(removed.keptCount); with erased records, which \
      cannot be: \(removed.lostCount)
      next: when every member has done this, cairnd serve \(directory)
      """)
  }
}

/// What recovery works with: the log, the promise and the key of a stopped node.
private struct RecoveryDesk {
  let store: Store
  let view: LedgerView
  let key: PrivateKey
  let promises: LastSignedStore
  private let signer: CheckpointSigner

  init(_ directory: DataDirectory) throws {
    guard let file = try Seat.file(of: directory) else {
      throw Failure(
        .preconditionFailed, "NO_ENGINE",
        "\(directory.consortium.path) is missing: this node follows no engine, and has nothing to recover from")
    }
    store = try Store(directory)
    if let base = try store.readNow({ try $0.catchUpBase() }) {
      throw Failure(
        .preconditionFailed, "CATCH_UP_UNFINISHED",
        "the log beyond entry \(base.size) is not proven yet: give the cairnd join command again first")
    }
    view = try store.readNow { try $0.view() }
    key = try Node.logKey(directory)
    let origin = Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID)
    signer = try CheckpointSigner(origin: origin, logKey: key)
    promises = try LastSignedStore(
      Seat.promiseFolder(file, of: directory), key: key.publicKey.id, store: store)
  }

  /// Where the statements say that the log goes on.
  func opening(
    _ statements: [SignedStatement], epoch: UInt64, acceptingIncomplete: Bool
  ) throws(Failure) -> EpochOpening {
    guard statements.allSatisfy({ $0.statement.ledgerID == view.ledgerID && $0.statement.closedEpoch == epoch }) else {
      throw Failure(
        .preconditionFailed, "WRONG_STATEMENT",
        "a statement is of another ledger or epoch; this is ledger \(view.ledgerID), which leaves epoch \(epoch)")
    }
    let (store, view) = (store, view)
    return try Recovery.opening(
      statements: statements, directory: view.directory, signers: try signers(), acceptingIncomplete: acceptingIncomplete
    ) { size in
      guard (1...view.logSize).contains(size) else { return nil }
      return try? store.readNow { try $0.root(size: size, in: view) }
    } path: { first, second throws(Failure) in
      try store.readNow { reader in
        try Proof.consistencyPath(first: first, second: second, node: LogNodes(edge: view.edge, reader: reader).hash)
      }
    }
  }

  /// Cuts the log back to the opening's base and keeps the opening, in one step.
  func cutBack(to opening: EpochOpening) throws(Failure) -> Truncation {
    guard let root = try? store.readNow({ try $0.root(size: opening.base.size, in: view) }), root == opening.base.root
    else {
      throw Failure(
        .preconditionFailed, "OTHER_HISTORY",
        "the members go on from \(opening.base), which is no part of this node's log: make a new data directory with "
          + "cairnd join, from the peers")
    }
    let bytes = try OrderedItem.message(opening)
    let signer = signer
    return try store.truncate(
      to: opening.base.size, final: view.certificate?.size ?? 0,
      opening: KeptOpening(epoch: opening.epoch, bytes: bytes)
    ) { size, root throws(Failure) in try signer.sign(size: size, root: root) }
  }

  /// All who were in charge from the last final checkpoint to the log's end.
  private func signers() throws(Failure) -> [Signers] {
    var history = SignerHistory()
    let start = max(view.certificate?.size ?? 1, 1)
    var position = start - 1
    while position < view.logSize {
      let page = try store.readNow { try $0.entries(from: position, limit: 1_024) }
      guard !page.isEmpty else { throw LedgerReader.corrupt("log entry \(position)") }
      for entry in page {
        position = entry.position + 1
        let time = try LogEntry(entry.bytes).ledgerTime
        history.record(Signers(view.directory, at: time, position: position), at: position)
      }
    }
    return history.signers(from: start, to: view.logSize)
  }
}

/// A statement as a text that can be mailed: what it says for people, and the signed bytes in base64.
struct StatementFile {
  private static let maxByteCount = 16_384
  private static let mark = "cairn-statement "

  /// The statement.
  let statement: SignedStatement

  init(_ statement: SignedStatement) { self.statement = statement }

  /// Reads a file; fails with FILE_UNREADABLE or MALFORMED_STATEMENT.
  init(path: String) throws(Failure) {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: Self.maxByteCount), let text = String(data: data, encoding: .utf8)
    else { throw Failure(.notFound, "FILE_UNREADABLE", "cannot read \(path)") }
    let line = text.split(separator: "\n").first { $0.hasPrefix(Self.mark) }
    guard let base64 = line?.dropFirst(Self.mark.count), let bytes = Data(base64Encoded: String(base64)),
      let wire = try? Cairn_V1_SignedStatement(serializedBytes: bytes)
    else {
      throw Failure(
        .malformed, "MALFORMED_STATEMENT", "\(path) holds no statement; cairnd recover close writes them")
    }
    do { statement = try SignedStatement(wire) } catch {
      throw Failure(error.kind, error.reason, "\(path): \(error.message)", violations: error.violations)
    }
  }

  /// The file's text.
  var text: String {
    get throws(Failure) {
      let said = statement.statement
      return """
        # ledger \(said.ledgerID)
        # epoch \(said.closedEpoch) is left; largest cosigned log: \(said.signed.map(\.description) ?? "none"); \
        final: \(said.finalSize); log: \(said.log)
        \(Self.mark)\(try BatchBuilder.serialize(statement.wire).base64EncodedString())
        """
    }
  }
}
