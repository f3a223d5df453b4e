import Primitives
import Provenance
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

/// Events in the order of an extension field.
@Suite struct EventOrderTests {
  static func event(_ value: Cairn_V1_ExtensionValue?) -> Cairn_V1_Event {
    .with { event in
      event.contexts = [
        .with { $0.terms.extensions = [.with { ($0.name, $0.value.text) = ("a", "https://a.example/") }] }
      ]
      guard let value else { return }
      event.extensions = [.with { ($0.name, $0.value) = ("a:key", value) }]
    }
  }

  static func text(_ text: String) -> Cairn_V1_ExtensionValue { .with { $0.text = text } }
  static func number(_ number: String) -> Cairn_V1_ExtensionValue { .with { $0.number = number } }

  /// In ascending order; those of one row are equal.
  static let rows: [[Cairn_V1_ExtensionValue?]] = [
    [number("-1e9223372036854775807")], [number("-2"), text("-2.0")], [number("0"), number("-0.0")],
    [number("1e-9223372036854775808")],
    [number("9"), text("9"), .with { $0.list.values = [number("9"), number("1")] }],
    [number("1E1"), .with { $0.object.extensions = [.with { ($0.name, $0.value.text) = ("@value", "10") }] }],
    [text("2026-01-01T00:00:00+01:00"), text("2025-12-31T23:00:00Z")], [text("2026-01-01T00:00:00Z")],
    [text("")], [text("Zebra")], [text("apple")], [.with { $0.boolean = true }, text("true")],
    [text("\u{E9}"), text("e\u{301}")],
  ]
  static let missing: [Cairn_V1_ExtensionValue?] = [
    nil, .with { $0.null = .unspecified }, .init(), .with { $0.list = .init() }, .with { $0.object = .init() },
  ]

  static func order(_ name: String) throws -> EventOrder {
    try #require(try EventOrder(.with { $0.orderByField = name }))
  }

  @Test(arguments: ["a:key", "https://a.example/key", "https://a.example/#key"])
  func valuesAreOrderedByTheirMeaning(name: String) throws {
    let order = try Self.order(name)
    let keys = Self.rows.map { row in row.map { order.key(of: Self.event($0)) } }
    for row in keys { #expect(row.allSatisfy { $0 == row[0] && $0 != .missing }) }
    for (left, right) in zip(keys, keys.dropFirst()) { #expect(left[0] < right[0]) }
    for value in Self.missing { #expect(order.key(of: Self.event(value)) == .missing) }
  }

  @Test(arguments: [false, true], UInt64(1)...5)
  func whatHasNoKeyComesLastEitherWay(isDescending: Bool, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rows = isDescending ? Self.rows.reversed() : Self.rows
    let values = (rows.map { $0[0] } + [nil, nil])
    let shuffled = values.shuffled(using: &random)
    let sorted = try Self.order("a:key").sorted(shuffled, isDescending: isDescending, by: Self.event)
    #expect(sorted == values, "seed \(seed)")
  }

  @Test func theLedgersOrderDecidesAmongEquals() throws {
    let twins = [(1, "9"), (2, "8"), (3, "9.0")]
    let order = try Self.order("a:key")
    let up = order.sorted(twins, isDescending: false) { Self.event(Self.number($0.1)) }
    #expect(up.map(\.0) == [2, 1, 3])
    let down = order.sorted(twins, isDescending: true) { Self.event(Self.number($0.1)) }
    #expect(down.map(\.0) == [3, 1, 2])
  }

  @Test func anOrderIsOneOrTheOther() throws {
    #expect(try EventOrder(.init()) == nil)
    #expect(try EventOrder(.with { $0.orderBy = .eventTime })?.isByTime == true)
    for (reason, field, request) in [
      (
        "CONFLICTING_ORDERS", "order_by_field",
        Cairn_V1_QueryEventsRequest.with { ($0.orderBy, $0.orderByField) = (.eventTime, "a:b") }
      ),
      ("UNKNOWN_ORDER", "order_by", .with { $0.orderBy = .UNRECOGNIZED(7) }),
      ("TEXT_TOO_LONG", "order_by_field", .with { $0.orderByField = String(repeating: "a", count: 3_000) }),
    ] {
      let failure = #expect(throws: Failure.self) { try EventOrder(request) }
      #expect(failure?.reason == reason && failure?.violations.first?.field == field)
    }
  }
}
