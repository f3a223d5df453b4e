import Consortium
import Foundation
import Ledger
import Primitives
import Queries
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

@Suite struct TracePackTests {
  private static let parties: [Party] = [.anyone, .acmeOperator, .zuluOperator, .kiloPartner, .auditor]

  @Test("a proved trace follows again from its own events, whoever asks, whatever is hidden", arguments: 1...6)
  func followsAgain(seed: Int) async throws {
    let shop = try Shop(seed: UInt64(seed))
    var random = SplitMix64(seed: UInt64(seed))
    var (proved, hidden, limited) = (0, 0, 0)
    for party in Self.parties {
      for _ in 0..<6 {
        let request = shop.question(using: &random)
        let answer = try await shop.answer(to: request, for: party)
        guard answer.hasEvidence else {
          #expect(answer.traced.events.isEmpty, "seed \(seed)")
          continue
        }
        let verified = try await AnswerVerifier.verify(answer, trust: .ledger(shop.ledgerID))
        guard case .trace(let trace) = verified.question else {
          Issue.record("the question is \(verified.question)")
          return
        }
        #expect(trace.nodes == answer.traced.nodes, "seed \(seed)")
        #expect(trace.events.allSatisfy { $0.recorded.hasEvent }, "seed \(seed)")
        proved += 1
        hidden += trace.stubs.count { $0.reason == .forbidden }
        limited += trace.stubs.count { $0.reason == .depthLimit || $0.reason == .nodeLimit }
      }
    }
    #expect(proved > 10 && hidden > 0 && limited > 0, "seed \(seed)")
  }

  /// One thing that is wrong with an answer, and whether that can be told.
  static let lies: [(name: String, tell: @Sendable (inout Cairn_V1_TraceResponse) -> Void)] = [
    ("a thing less", { $0.nodes.removeLast() }),
    ("a thing more", { $0.nodes.append($0.nodes[0]) }),
    ("another thing", { $0.nodes[1].id += "0" }),
    ("another depth", { $0.nodes[1].depth += 1 }),
    ("another window", { $0.nodes[0].windows = [] }),
    ("a link less", { $0.edges.removeFirst() }),
    (
      "a link the other way",
      { ($0.edges[0].fromNode, $0.edges[0].toNode) = ($0.edges[0].toNode, $0.edges[0].fromNode) }
    ),
    ("another interval", { $0.edges[0].spans[0].during.from.microseconds -= 1 }),
    ("another amount", { $0.edges[0].spans[0].quantities.append(.with { $0.number = "7" }) }),
    ("an event less", { $0.events.removeFirst() }),
    ("another member", { $0.events[0].recorded.memberID = "kilo" }),
    ("a withdrawn event", { $0.events[0].standing = .withdrawn }),
    ("another time", { $0.events[0].eventTimeMicroseconds += 1 }),
    ("no end", { $0.stubs = [] }),
    ("an end that is none", { $0.stubs.insert(.with { $0.reason = .depthLimit }, at: 0) }),
    ("a hidden event nowhere", { $0.stubs.append(.with { ($0.node, $0.reason) = (9_999, .forbidden) }) }),
    ("another log size", { $0.summary.logSize += 1 }),
    ("another item", { $0.summary.item += "0" }),
  ]

  @Test(arguments: lies.indices) func aTraceThatDoesNotFollowIsRefused(number: Int) async throws {
    let shop = try Shop(seed: 1)
    var random = SplitMix64(seed: 1)
    var answer = Cairn_V1_ProvedAnswer()
    repeat {
      answer = try await shop.answer(to: shop.question(using: &random), for: .auditor)
    } while answer.traced.nodes.count < 4 || answer.traced.stubs.isEmpty || answer.traced.edges.isEmpty
    _ = try await AnswerVerifier.verify(answer, trust: .ledger(shop.ledgerID))
    Self.lies[number].tell(&answer.traced)
    let failure = await #expect(throws: Failure.self, "\(Self.lies[number].name)") {
      try await AnswerVerifier.verify(answer, trust: .ledger(shop.ledgerID))
    }
    #expect(failure?.reason == "TRACE_DIFFERS" && failure?.metadata["step"] == "TRACE", "\(Self.lies[number].name)")
  }

  @Test func eventsThatTheTraceDoesNotNeedAreNoPartOfIt() async throws {
    let shop = try Shop(seed: 1)
    try shop.exchange.record([try Statement(about: "urn:uuid:another", .of(.public)).record(0)], by: .acmeDevice)
    var answer = try await shop.answer(to: .with { $0.item = Shop.items[0] }, for: .auditor)
    let page = try await shop.exchange.queries.queryEvents(
      .with {
        $0.pageSize = 1_000
        $0.prove = true
      }, by: shop.exchange.caller(.auditor))
    #expect(page.events.count > answer.traced.events.count + answer.traced.consulted.count)
    answer.evidence = page.evidence
    let failure = await #expect(throws: Failure.self) {
      try await AnswerVerifier.verify(answer, trust: .ledger(shop.ledgerID))
    }
    #expect(failure?.reason == "NOT_AN_ANSWER" && failure?.metadata["step"] == "TRACE")
  }
}

/// A ledger in which a few things are packed, unpacked and made of each other at random times, some of it hidden.
private struct Shop {
  static let items = (0..<14).map { "https://id.gs1.org/01/09521321000018/21/T\($0)" }
  private static let lot = "https://id.gs1.org/01/09521321000018/10/L1"
  private static let audiences: [Cairn_V1_Visibility?] = [
    nil, .of(.public), .of(.public), .of(.public), .of(.parties, ["zulu"]),
  ]

  let exchange: Exchange
  let ledgerID: Digest

  init(seed: UInt64) throws {
    exchange = try Exchange()
    var random = SplitMix64(seed: seed)
    for batch in 0..<12 {
      let records = try (0..<Int.random(in: 1...8, using: &random)).map { number in
        let salt = withUnsafeBytes(of: UInt64(batch * 100 + number).bigEndian) { Data($0) } + Data(count: 8)
        return try BatchBuilder.serialize(
          Cairn_V1_Record(
            event: Self.event(using: &random), salt: salt,
            visibility: Self.audiences.randomElement(using: &random) ?? nil))
      }
      try exchange.record(records, by: Party.authors.randomElement(using: &random) ?? .acmeDevice)
    }
    ledgerID = exchange.ledgerID
  }

  private static func event(using random: inout SplitMix64) -> Cairn_V1_Event {
    var items = Self.items.shuffled(using: &random)[...]
    func take(_ count: ClosedRange<Int>) -> [String] {
      let taken = items.prefix(Int.random(in: count, using: &random))
      items = items.dropFirst(taken.count)
      return Array(taken)
    }
    return .with {
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64.random(in: 0..<40, using: &random) * 1_000_000
      $0.action = [.add, .add, .observe, .delete].randomElement(using: &random) ?? .add
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        $0.type = .aggregation
        $0.parentID = take(1...1)[0]
        $0.childEpcs.items = take(1...3)
        if Bool.random(using: &random) {
          $0.childQuantityList.quantities = [
            .with {
              $0.epcClass = lot
              $0.quantity = "3"
            }
          ]
        }
      case 2:
        $0.type = .transformation
        $0.action = .unspecified
        $0.inputEpcList.items = take(1...3)
        $0.outputEpcList.items = take(1...3)
        if Bool.random(using: &random) { $0.transformationID = "urn:uuid:\(Int.random(in: 0..<3, using: &random))" }
      case 3:
        $0.type = .transaction
        $0.epcList.items = take(1...2)
        $0.bizTransactionList.bizTransactions = [.with { $0.bizTransaction = "urn:uuid:po" }]
      default:
        $0.type = .object
        $0.epcList.items = take(1...2)
      }
    }
  }

  func question(using random: inout SplitMix64) -> Cairn_V1_TraceRequest {
    .with {
      $0.item = Self.items.randomElement(using: &random) ?? ""
      $0.direction = [.back, .forward, .both].randomElement(using: &random) ?? .both
      $0.maximumDepth = [0, 1, 2, 3].randomElement(using: &random) ?? 0
      $0.maximumNodes = [0, 0, 3, 8].randomElement(using: &random) ?? 0
      if Int.random(in: 0..<4, using: &random) == 0 {
        $0.asOf.microseconds = 1_780_000_000_000_000 + Int64.random(in: 0..<40, using: &random) * 1_000_000
      }
    }
  }

  /// The file that a client makes of the answer.
  func answer(to request: Cairn_V1_TraceRequest, for party: Party) async throws -> Cairn_V1_ProvedAnswer {
    var asked = request
    asked.prove = true
    var bytes = Data()
    try await exchange.queries.trace(asked, by: exchange.caller(party)) { bytes += try $0.serializedBytes() as Data }
    var whole = try Cairn_V1_TraceResponse(serializedBytes: bytes)
    return .with {
      $0.format = AnswerVerifier.format
      $0.trace = asked
      if whole.hasEvidence { $0.evidence = whole.evidence }
      whole.clearEvidence()
      $0.traced = whole
    }
  }
}
