import Engine
import Foundation

/// What the engine alone does with the same bytes: publishes them to a stream like the ledger's, and waits until it has them.
struct BareEngine: Sendable {
  private static let stream = "CAIRN_BENCH"
  /// A stream of batches has as many unanswered.
  private static let inFlight = 16

  private let connections: [EngineConnection]
  private let subject: String

  /// Connects as often as clients do, and makes the stream.
  init(_ site: ConsortiumSite, lanes: Int) async throws {
    let options = try site.engineOptions()
    connections = try (0..<lanes).map { _ in try EngineConnection(options) { _ in } }
    subject = "cairn.bench.1.batch.\(site.founder)"
    let terms = StreamTerms(name: Self.stream, subjects: [subject], replicas: site.engineCount)
    let deadline = ContinuousClock.now + .seconds(30)
    while !connections.allSatisfy(\.health.isConnected), ContinuousClock.now < deadline {
      try await ContinuousClock().sleep(for: .milliseconds(20))
    }
    _ = try await connections[0].ensureStream(terms)
  }

  /// Seconds until all messages of all lanes were acknowledged.
  func measure(_ lanes: [[Message]]) async throws -> Double {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, lane) in lanes.enumerated() {
        group.addTask { try await publish(lane, connections[number % connections.count]) }
      }
      try await group.waitForAll()
    }
    return (.now - start) / .seconds(1)
  }

  func close() { for connection in connections { connection.close() } }

  private func publish(_ lane: [Message], _ connection: EngineConnection) async throws {
    var waiting: [EngineReceipt] = []
    for message in lane {
      if waiting.count == Self.inFlight { _ = try await waiting.removeFirst().sequence() }
      waiting.append(
        try connection.send(Data(message.bytes), to: subject, id: UUID().uuidString, stream: Self.stream))
    }
    for receipt in waiting { _ = try await receipt.sequence() }
  }
}
