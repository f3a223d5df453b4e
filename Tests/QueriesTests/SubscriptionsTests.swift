import Consortium
import Foundation
import Primitives
import SeededRandom
import SwiftProtobuf
import Synchronization
import Testing
import Wire

@testable import Queries

/// Every subscription delivers what a ledger of what its receiver may read would give.
@Suite struct SubscriptionsTests {
  static let seeds: [UInt64] = [1, .random(in: .min ... .max)]
  private static let parties: [Party] = [.acmeAdmin, .acmeOperator, .zuluOperator, .kiloPartner, .auditor]

  @Test(arguments: seeds) func whatWasRecordedComesInOrder(seed: UInt64) async throws {
    let population = try Population(seed: seed)
    let exchange = population.exchange
    try await exchange.subscriptions.serving {
      for party in Self.parties {
        for (number, (filter, matches)) in Population.filters(exchange).enumerated() {
          let expected = population.readable(by: party).filter(matches).map(\.id)
          for inFlight: UInt32 in [1, 3, 0] {
            let name = "\(party.rawValue.lowercased())-\(number)-\(inFlight)"
            try await exchange.subscribe(name, filter, by: party, from: 0)
            let messages = try await exchange.receiving(name, by: party, maxInFlight: inFlight) { reception in
              try await reception.untilCaughtUp()
            }
            #expect(messages.flatMap(\.events).map(\.recordID) == expected, "seed \(seed), \(name), \(filter)")
            #expect(inFlight == 0 || messages.allSatisfy { $0.events.count <= inFlight })
          }
        }
      }
    }
  }

  @Test(arguments: seeds) func whatIsRecordedComesInOrder(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let exchange = try Exchange()
    let filters = Population.filters(exchange)
    try await exchange.subscriptions.serving {
      for (number, (filter, matches)) in filters.enumerated() {
        try await exchange.subscribe("f\(number)", filter, by: .zuluOperator)
        try await exchange.receiving("f\(number)", by: .zuluOperator) { reception in
          #expect(try await reception.untilCaughtUp().flatMap(\.events).isEmpty)
          for round in 0..<6 {
            let statements = (0..<5).map { _ in Statement(using: &random) }
            let records = try statements.enumerated().map { try $1.record(100 * round + 10_000 * number + $0) }
            let position = try exchange.record(records, by: .acmeDevice)
            let expected = statements.indices.filter { index in
              statements[index].isReadable(by: .zuluOperator, author: .acmeDevice)
                && matches(
                  .init(
                    statement: statements[index], author: .acmeDevice, record: records[index], position: position,
                    index: UInt32(index)))
            }
            var found: [Int] = []
            while found.count < expected.count, let message = try await reception.next() {
              #expect(message.events.allSatisfy { $0.position == position })
              found += message.events.map { Int($0.recordIndex) }
              if let last = message.events.last { reception.acknowledge(last) }
            }
            #expect(found == expected, "seed \(seed), filter \(number), round \(round)")
          }
        }
      }
    }
  }

  /// What the hidden records say changes no message: not which there are, nor what is in them.
  @Test(arguments: [Party.acmeOperator, .kiloPartner], seeds)
  func whatIsHiddenMakesNoDifference(party: Party, seed: UInt64) async throws {
    let keys = try Keyring()
    var messages: [[Cairn_V1_ReceiveResponse]] = []
    for secret: UInt64 in [1, 2] {
      let exchange = try Population(seed: seed, keys: keys, hidingFrom: party, secret: secret).exchange
      try await exchange.subscriptions.serving {
        for (number, (filter, _)) in Population.filters(exchange).enumerated() {
          for inFlight: UInt32 in [1, 4, 0] {
            try await exchange.subscribe("f\(number)-\(inFlight)", filter, by: party, from: 0)
            let seen = try await exchange.receiving("f\(number)-\(inFlight)", by: party, maxInFlight: inFlight) {
              reception in try await reception.untilCaughtUp()
            }
            messages.append(seen)
          }
        }
      }
    }
    let half = messages.count / 2
    for (one, other) in zip(messages[..<half], messages[half...]) { #expect(one == other, "seed \(seed)") }
  }

  @Test func whatWasNotOnDiskComesAgainAfterACrash() async throws {
    let exchange = try Exchange()
    let records = try (0..<10).map { try Statement(about: Statement.items[0], nil).record($0) }
    try await exchange.subscribe("s", by: .acmeOperator)
    try exchange.record(records, by: .acmeDevice)
    try await exchange.subscriptions.serving {
      try await exchange.receiving("s", by: .acmeOperator) { reception in
        let events = try await reception.untilCaughtUp().flatMap(\.events)
        #expect(events.count == 10)
        let through = Cairn_V1_AcknowledgeRequest.with {
          $0.name = "s"
          $0.through = events[3].place
        }
        // Nothing moves back.
        let cursor = try await exchange.subscriptions.acknowledge(through, by: exchange.caller(.acmeAdmin)).cursor
        #expect((cursor.position, cursor.recordIndex) >= (events[3].position, 4))
      }
    }
    let crashed = try exchange.subscriptionsAfterCrash()
    let events = try await crashed.serving {
      try await exchange.receiving("s", by: .acmeOperator, from: crashed) { reception in
        try await reception.untilCaughtUp().flatMap(\.events)
      }
    }
    #expect(events.count <= 6)
    #expect(events.map(\.recordIndex) == Array(UInt32(10 - events.count)..<10))
  }

  @Test func aReceiverSeesNoMoreThanItsKeyMayWhenTheRightsChange() async throws {
    let exchange = try Exchange()
    try await exchange.subscribe("s", by: .auditor)
    try await exchange.subscriptions.serving {
      try await exchange.receiving("s", by: .auditor) { reception in
        _ = try await reception.next()
        let secret = try Statement(about: Statement.items[0], .of(.parties, ["acme"])).record(1)
        let position = try exchange.record([secret], by: .acmeDevice)
        #expect(try await reception.next()?.events.map(\.position) == [position])
        try exchange.decide(
          .changeRoles(
            .with {
              $0.memberID = "port"
              $0.roles = [.partner]
            }))
        try exchange.record(
          [try Statement(about: Statement.items[0], .of(.parties, ["acme"])).record(2)], by: .acmeDevice)
        let open = try exchange.record(
          [try Statement(about: Statement.items[0], .of(.public)).record(3)], by: .acmeDevice)
        #expect(try await reception.next()?.events.map(\.position) == [open])
      }
    }
  }

  @Test func thoseWhoHaveCaughtUpAreServedByOneReader() async throws {
    let exchange = try Exchange()
    let subscriptions = exchange.subscriptions
    let names = (0..<20).map { "s\($0)" }
    for (number, name) in names.enumerated() {
      try await exchange.subscribe(name, .with { $0.items = [Statement.items[number % 4]] }, by: .acmeOperator)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for name in names {
        group.addTask { [caller = exchange.caller(.acmeOperator)] in
          let (requests, request) = AsyncThrowingStream.makeStream(of: Cairn_V1_ReceiveRequest.self)
          request.yield(.with { $0.start.name = name })
          try? await subscriptions.receive(requests, by: caller) { _ in }
        }
      }
      while subscriptions.figures.receivers < 20 { await Task.yield() }
      while await subscriptions.step({ Issue.record("\($0)") }) {}
      #expect(subscriptions.switchboard.withLock { $0.receivers.values.allSatisfy(\.isFollowing) })
      // One step for all; then one for each of the five that want this item.
      try exchange.record([try Statement(about: Statement.items[2], nil).record(1)], by: .acmeDevice)
      var steps = 0
      while await subscriptions.step({ Issue.record("\($0)") }) { steps += 1 }
      #expect(steps == 6)
      // One step, and nothing else, for what nobody wants.
      try exchange.record([try Statement(about: "urn:uuid:other", nil).record(2)], by: .acmeDevice)
      steps = 0
      while await subscriptions.step({ Issue.record("\($0)") }) { steps += 1 }
      #expect(steps == 1)
      #expect(subscriptions.figures.lagRecords == 0)
    }
  }
}
