import ArgumentParser
import Foundation
import Logging
import Ordering
import Primitives
import Store

/// Says what this node is as a witness.
struct WitnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Print the vkey by which others verify what a stopped node cosigns for them; checks witness.yaml.",
    discussion: """
      witness.yaml in the data directory names the logs that this node is a witness of, and the witnesses that it asks to \
      cosign its own checkpoints. A running node gives its vkey at /witness of the address of its tiles.
      """)

  @Argument(help: "The data directory.")
  var directory: String

  func run() async throws {
    let quiet = Logger(label: "cairnd") { _ in SwiftLogNoOpLogHandler() }
    let node = try await Node(DataDirectory(directory), limits: .none, logger: quiet)
    Console.print("\(node.witnessing.verifierKey)")
  }
}
