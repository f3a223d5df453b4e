import Foundation
import Ledger
import Primitives
import Wire

/// A consortium under test, connections to its nodes, and the authors that write.
struct ConsortiumSubject: Sendable {
  /// Streams of batches at the same time, dealt out over the nodes.
  static let lanes = 4
  /// Batches of 1,000 events have about a third of a MiB: fewer than the 512 KiB that one message of the engine may have.
  static let loads = [
    Load(call: .stream, batchSize: 1_000, lanes: lanes, window: 80_000),
    Load(call: .stream, batchSize: 100, lanes: lanes, window: 40_000),
  ]

  private static let keyCount = 48
  private static let warmup = 8_000
  /// Batches that are sent one at a time, for their latency alone.
  private static let singles = 40

  private let site: ConsortiumSite
  private let connections: [Connection]
  private var fleet: Fleet
  private var chain = SupplyChain(seed: 1, events: 1_000_000)

  /// Registers authors and waits until every node knows them.
  init(_ site: ConsortiumSite, _ connections: [Connection]) async throws {
    self.site = site
    self.connections = connections
    guard let ledgerID = Digest(try await connections[0].ledger().ledgerID) else {
      throw BenchError("the server names no ledger")
    }
    fleet = try Fleet(of: Self.keyCount, member: site.founder, ledgerID: ledgerID)
    var admin = BatchBuilder(
      key: try site.founderKey(), ledgerID: ledgerID, chain: AuthorChain(nextSequence: 2, lastDigest: ledgerID))
    let batch = try admin.batch(fleet.registrations(), createdAt: .now)
    _ = try await connections[0].submitToFinal([try Message(batch, waitFor: .final)])
    for connection in connections {
      while try await connection.ledger().logSize < 2 { try await ContinuousClock().sleep(for: .milliseconds(20)) }
    }
  }

  /// Everything that is measured of it; `storage` writes so many records to SQLite.
  mutating func measure(rounds: Int, storage: (Int) -> StorageLimit) async throws -> ConsortiumFigures.Size {
    let engine = try await BareEngine(site, lanes: Self.lanes)
    defer { engine.close() }
    var measured = Self.loads.map { ConsortiumFigures.Measured(load: $0) }
    // Before the nodes have anything to do. SQLite alone writes a thousand rows at a time: it is the limit of batches that are
    // as large.
    for _ in 1...rounds {
      measured[0].limitRates.append(
        try await limitRate(engine, Self.loads[0], storage(Self.loads[0].window)))
    }
    _ = try await send(Self.loads[0], events: Self.warmup)
    for _ in 1...rounds {
      for index in measured.indices {
        let load = measured[index].load
        measured[index].engineRates.append(try await engineRate(engine, load))
        let window = try await send(load, events: load.window)
        measured[index].windows.append(window.figures)
        measured[index].latencies += window.latencies
      }
    }
    for index in measured.indices { measured[index].single = try await singles(measured[index].load) }
    return .init(members: site.memberCount, measured: measured)
  }

  private mutating func engineRate(_ engine: BareEngine, _ load: Load) async throws -> Double {
    let lanes = try fleetCopy(load, events: load.window)
    return Double(load.window) / (try await engine.measure(lanes))
  }

  /// What nodes could reach that cost nothing but their storage: the engine orders the events while, for each member, SQLite
  /// alone writes as many.
  private func limitRate(_ engine: BareEngine, _ load: Load, _ storage: StorageLimit) async throws -> Double {
    let lanes = try fleetCopy(load, events: load.window)
    let copies = try (1...site.memberCount).map { try storage.start($0) }
    let ordered = Double(load.window) / (try await engine.measure(lanes))
    return try copies.reduce(ordered) { min($0, try $1.rate()) }
  }

  /// Messages that only the bare engine gets: the authors' chains do not move on.
  private func fleetCopy(_ load: Load, events: Int) throws -> [[Message]] {
    var copy = self
    return try copy.fleet.lanes(events, from: &copy.chain, for: load, waitFor: .final)
  }

  private mutating func send(
    _ load: Load, events: Int
  ) async throws -> (figures: ConsortiumFigures.Window, latencies: [Double]) {
    let lanes = try fleet.lanes(events, from: &chain, for: load, waitFor: .final)
    let before = try site.cpuSeconds()
    let start = ContinuousClock.now
    let latencies = try await withThrowingTaskGroup(of: [Double].self) { [connections] group in
      for (number, lane) in lanes.enumerated() where !lane.isEmpty {
        let connection = connections[number % connections.count]
        group.addTask { try await connection.streamToFinal(lane) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let seconds = (.now - start) / .seconds(1)
    let after = try site.cpuSeconds()
    let perEvent = 1e6 / Double(events)
    let window = ConsortiumFigures.Window(
      rate: Double(events) / seconds, nodeMicroseconds: (after.nodes - before.nodes) * perEvent,
      engineMicroseconds: (after.engines - before.engines) * perEvent)
    return (window, latencies)
  }

  /// Milliseconds of batches that nothing else is in the way of, each to another node than the one before.
  private mutating func singles(_ load: Load) async throws -> [Double] {
    var latencies: [Double] = []
    let lanes = try fleet.lanes(Self.singles * load.batchSize, from: &chain, for: load, waitFor: .final)
    for (number, lane) in lanes.enumerated() {
      latencies += try await connections[number % connections.count].submitToFinal(lane)
    }
    return latencies
  }
}
