import ArgumentParser
import Consensus
import Foundation
import Merkle
import Primitives
import Store

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
    discussion: """
      For a stopped node. Given again it says the same. It cannot be taken back: a node that has left an epoch never signs in it \
      again. So it is refused while the peers in consortium.yaml say that a quorum follows the engine without this node.
      """)

  @Argument(help: "The data directory.")
  var directory: String

  @Flag(help: "Leave an epoch of which this node has read nothing yet: its engine was lost too.")
  var unbegun = false

  @Flag(help: "Leave it although the others follow the engine: all members have agreed to.")
  var agreed = false

  func run() async throws {
    let desk = try RecoveryDesk(DataDirectory(directory))
    if !agreed { try await desk.requireLostEpoch() }
    try await desk.endCatchUp()
    let statement = try desk.close(unbegun: unbegun)
    let said = statement.statement
    Console.print(try StatementFile(statement).text)
    Console.error(
      "epoch \(said.closedEpoch) is closed here; the log has \(said.log.size) entries, \(said.finalSize) of them final")
  }
}

/// Opens the next epoch from what the members' statements say.
struct RecoverOpen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the next epoch: bring the log to where the members' statements agree.",
    discussion: """
      For a stopped node that has closed the epoch. What is beyond the place where the log goes on is taken out of it, kept, and \
      published again when the node serves; what is missing before it is fetched from the peers in consortium.yaml that serve \
      already. Killed or given again it does what was not done yet.
      """)

  @Argument(help: "The data directory.")
  var directory: String

  @Argument(help: "The members' statements, as `cairnd recover close` wrote them: of a quorum at least.")
  var statements: [String]

  @Flag(
    help: "Go on even though an honest node may have cosigned another log, and can then not sign with its key again.")
  var acceptIncomplete = false

  @Option(
    help: ArgumentHelp(
      "Go on from this log instead of the one that follows from the statements: one that they name, if all that is final is in it.",
      discussion: """
        For members who were told BASE_UNDECIDED or BASE_INCOMPLETE and have talked to each other. On all nodes the same; it \
        includes --accept-incomplete.
        """,
      valueName: "size:root"))
  var base: String?

  func run() async throws {
    let desk = try RecoveryDesk(DataDirectory(directory))
    let files = try statements.map { try StatementFile(path: $0) }
    let closed = try desk.epochToLeave()
    let wish = try OpeningWish(files, epoch: closed, base: base, acceptingIncomplete: acceptIncomplete)
    let before = try desk.view().logSize
    // A run before this one may have ended before the promise was written.
    if try !desk.hasOpened(wish) {
      try await desk.dropUnproven()
      try await desk.cutBack(to: desk.opening(wish))
    }
    try desk.enter(closed + 1)
    let (held, view) = (try await desk.store.heldBatchCount(), try desk.view())
    Console.print(
      """
      epoch \(closed + 1) goes on from \(view.logSize) entries (\(LogPoint(size: view.logSize, root: view.edge.root)))
      the log had \(before); waiting to be published again: \(held)
      next: cairnd serve \(directory)
      """)
  }
}
