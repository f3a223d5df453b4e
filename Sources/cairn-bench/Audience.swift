import GRPCCore
import SwiftProtobuf
import Wire
import WireRPC

/// Very many subscriptions with a receiver each: for items, for places with a business step, and for business steps.
struct Audience: Sendable {
  /// How many there are.
  static let count = 1_000

  private static let connections = 5
  private static let warmup = 5_000

  /// The rate without anybody who listens, then with everybody, who acknowledge what they get.
  static func measure(_ subject: inout Subject, rounds: Int) async throws -> Figures.Audience {
    CairnBench.note("\(rounds) rounds without subscriptions, then with \(count)")
    _ = try await subject.measure(.stream1000, events: warmup)
    var (alone, listened) = (Figures.Measured(load: .fill), Figures.Measured(load: .fill))
    for _ in 1...rounds { alone.windows.append(try await subject.measure(.fill)) }
    let audience = try await Audience(subject)
    let windows = try await Connection.with(subject.server.endpoints(connections)) { [subject] connections in
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        for (number, filter) in audience.filters.enumerated() {
          let connection = connections[number % connections.count]
          try await connection.subscribe("s\(number)", filter)
          group.addTask { try await connection.receive("s\(number)") }
        }
        var subject = subject
        var windows: [Figures.Window] = []
        for _ in 1...rounds { windows.append(try await subject.measure(.fill)) }
        return windows
      }
    }
    listened.windows = windows
    return .init(subscriptions: count, alone: alone, listened: listened)
  }

  private let filters: [Cairn_V1_EventFilter]

  /// Wants items and places that have been seen; most of the items are still under way.
  private init(_ subject: Subject) async throws {
    let (seen, _) = try await subject.connections[0].timed(
      Cairn_V1_ProvenanceService.Method.QueryEvents.descriptor,
      Cairn_V1_QueryEventsRequest.with { $0.pageSize = 1_000 }, as: Cairn_V1_QueryEventsResponse.self)
    let items = seen.events.flatMap(\.event.epcList.items)
    let places = seen.events.map(\.event.readPoint.id)
    guard !items.isEmpty else { throw BenchError("the ledger has no items yet") }
    let steps = ["commissioning", "packing", "shipping", "receiving", "storing"]
    filters = (0..<Self.count).map { number in
      .with {
        switch number % 10 {
        case 0..<6: $0.items = [items[number % items.count]]
        case 6..<9:
          $0.places = [places[number % places.count]]
          $0.bizSteps = [steps[number % steps.count]]
        default:
          $0.bizSteps = [steps[number % steps.count]]
          $0.actions = [.delete]
        }
      }
    }
  }
}

extension Figures {
  /// What it costs that very many receive what is recorded.
  struct Audience: Sendable, Codable {
    let subscriptions: Int
    /// The rate without them, and with all of them connected.
    let alone, listened: Measured

    var ratio: Double { listened.rate / max(alone.rate, 1) }
  }
}

extension Connection {
  /// Makes a subscription.
  fileprivate func subscribe(_ name: String, _ filter: Cairn_V1_EventFilter) async throws {
    _ = try await subscriptions.createSubscription(
      .with {
        $0.name = name
        $0.filter = filter
      })
  }

  /// Takes what comes and acknowledges it, until cancelled.
  fileprivate func receive(_ name: String) async throws {
    let (places, acknowledge) = AsyncStream.makeStream(of: Cairn_V1_LogPlace.self)
    try await subscriptions.receive { writer in
      try await writer.write(.with { $0.start.name = name })
      for await place in places { try await writer.write(.with { $0.acknowledge = place }) }
    } onResponse: { response in
      for try await message in response.messages {
        guard let last = message.events.last else { continue }
        acknowledge.yield(
          .with {
            $0.position = last.position
            $0.recordIndex = last.recordIndex
          })
      }
    }
  }
}
