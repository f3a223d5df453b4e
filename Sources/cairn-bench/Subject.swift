import Foundation
import Ledger
import Primitives
import Wire

/// A server under test, connections to it, and the authors that write to its ledger.
struct Subject: Sendable {
  let server: ServerProcess
  let connections: [Connection]
  private var fleet: Fleet
  private var admin: BatchBuilder
  private let ledgerID: Digest
  private var chain: SupplyChain

  static let connectionCount = 4
  /// Authors that take turns, unless more are enrolled.
  static let keyCount = 50

  /// Registers the authors of a fresh ledger.
  init(_ server: ServerProcess, _ connections: [Connection], events: Int) async throws {
    self.server = server
    self.connections = connections
    let ledger = try await connections[0].ledger()
    guard let ledgerID = Digest(ledger.ledgerID) else { throw BenchError("the server names no ledger") }
    self.ledgerID = ledgerID
    fleet = try Fleet(of: Self.keyCount, ledgerID: ledgerID)
    chain = SupplyChain(seed: 1, events: events)
    // The genesis batch is the admin's first, and the ledger is named after it.
    admin = BatchBuilder(
      key: try server.adminKey(), ledgerID: ledgerID, chain: AuthorChain(nextSequence: 2, lastDigest: ledgerID))
    try await connections[0].submit([Message(admin.batch(fleet.registrations(), createdAt: .now))])
  }

  /// Registers as many new authors, which write from now on; gives the seconds from the request to the receipt.
  mutating func enrol(_ keyCount: Int) async throws -> Double {
    fleet = try Fleet(of: keyCount, ledgerID: ledgerID)
    let message = try Message(admin.batch(fleet.registrations(), createdAt: .now))
    let start = ContinuousClock.now
    try await connections[0].submit([message])
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// Items whose ten events are in the ledger.
  var items: [SupplyChain.Finished] { chain.sample }

  /// Items that five transformations lead to, each 180 wide.
  var products: [String] { chain.products }

  /// Events sent so far.
  var eventCount: Int { chain.count }

  /// Bytes on disk for each event that was sent.
  var diskBytesPerEvent: Int { server.diskBytes / max(chain.count, 1) }

  /// Sends `events` events; making and signing them is not measured.
  mutating func measure(_ load: Load, events: Int? = nil) async throws -> Figures.Window {
    let events = events ?? load.window
    let lanes = try fleet.lanes(events, from: &chain, for: load)
    let (serverBefore, clientBefore) = (try server.usage.cpuSeconds, ProcessUsage.ownCPUSeconds)
    let start = ContinuousClock.now
    try await Self.send(lanes, load.call, connections)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Figures.Window(
      rate: Double(events) / seconds,
      serverMicroseconds: (try server.usage.cpuSeconds - serverBefore) * 1e6 / Double(events),
      clientMicroseconds: (ProcessUsage.ownCPUSeconds - clientBefore) * 1e6 / Double(events))
  }

  private static func send(_ lanes: [[Message]], _ call: Load.Call, _ connections: [Connection]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, lane) in lanes.enumerated() where !lane.isEmpty {
        let connection = connections[number % connections.count]
        group.addTask {
          switch call {
          case .stream: try await connection.stream(lane)
          case .unary: try await connection.submit(lane)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
