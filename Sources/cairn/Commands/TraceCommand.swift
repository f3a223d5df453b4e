import ArgumentParser
import Client
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn trace`
struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Draw where an item came from and where it went.",
    discussion: """
      Follows what it was made from and what was made of it, what it was packed into and what was in it. Each thing stands \
      once, with its places, times and custody; what could not be followed is said. JSON is printed with --json.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var moment: MomentOptions

  @Argument(help: "A GS1 Digital Link URI, an EPC URN, an element string such as '(01)…(21)…', or another URI.")
  var item: String

  @Flag(help: "Only where it came from, only where it went, or both ways, as without any.")
  var direction: Direction = .both

  @Option(help: ArgumentHelp("At most so many links one after the other, 1 to 100.", valueName: "n"))
  var depth: UInt32 = 10

  @Option(help: ArgumentHelp("At most so many things, 1 to 100,000.", valueName: "n"))
  var nodes: UInt32 = 1_000

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    help: ArgumentHelp("Write the graph for Graphviz; - prints it.", valueName: "file"), completion: .file())
  var dot: String?

  @OptionGroup var proofs: ProofOptions

  /// Which way transformations are followed.
  enum Direction: String, EnumerableFlag {
    case back, forward, both

    var wire: Cairn_V1_TraceDirection {
      switch self {
      case .back: .back
      case .forward: .forward
      case .both: .both
      }
    }
  }

  func validate() throws {
    guard (1...100).contains(depth) else { throw ValidationError("--depth is 1 to 100") }
    guard (1...100_000).contains(nodes) else { throw ValidationError("--nodes is 1 to 100000") }
    guard !(json && dot == "-") else { throw ValidationError("--json and --dot - exclude each other") }
  }

  func run() async throws {
    let request = Cairn_V1_TraceRequest.with {
      $0.item = item
      $0.direction = direction.wire
      $0.maximumDepth = depth
      $0.maximumNodes = nodes
      if let asOf = moment.asOf { $0.asOf.microseconds = asOf.instant.microseconds }
      if let knownAt = moment.knownAt { $0.knownAt.microseconds = knownAt.instant.microseconds }
      $0.includeEvents = true
      $0.describe = true
      $0.prove = proofs.file != nil
    }
    let trace = try await connection.withConnection { connection in
      let trace = try await connection.trace(request)
      if request.prove { try await proofs.write(trace, answering: request, connection) }
      return trace
    }
    if let dot {
      let graph = Array(TraceDOT.text(trace).utf8)
      if dot == "-" { return Console.output.write(graph) }
      try Files.replace(dot, graph)
      Console.messages.line("wrote \(trace.nodes.count.counted("node")) to \(dot.visible)")
    }
    if json { return Console.output.write(JSONWriter.pretty(try trace.json)) }
    guard dot == nil else { return }
    let style = Console.output.style(environment: environment)
    TraceDrawing(trace, style: style, width: Console.output.width).lines().forEach { Console.output.line($0) }
  }
}
