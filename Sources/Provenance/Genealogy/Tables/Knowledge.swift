import Primitives
import Wire

/// What was read from a source so far: events, what they join, and what is known of each name.
struct Knowledge {
  private(set) var names = NameTable()
  private(set) var hubs = HubTable()
  private(set) var events: EventTable
  private var links: [EventLinks?] = []
  private var known: [Int: Known] = [:]
  private var joinedBelow: [Int: [Int]] = [:]
  private var joinedAbove: [Int: [Int]] = [:]
  private var transactions: Set<Int> = []
  private var pairs: [Pair: [LinkSpan]] = [:]
  private var examined: [Pair: Evidence] = [:]
  private var endings: [Ending: [(time: Int64, number: Int)]] = [:]
  private var linkCount = 0

  /// More pairs than this are not looked at in one answer.
  private static let maximumLinks = 5_000_000

  /// What a source said of one name.
  struct Known {
    let events: [Int]
    let hidesEvents: Bool
    let isCutOff: Bool
  }

  /// Two things and how they are joined.
  struct Pair: Hashable {
    let child: Int
    let parent: Int
    let kind: TraceEdge.Kind
  }

  /// The events that name a pair, and those that decided when it was joined.
  private struct Evidence {
    let mentions: [Int]
    let deciding: [Int]
  }

  private struct Ending: Hashable {
    let parent: Int
    let kind: TraceEdge.Kind
  }

  init(asOf: Instant?, knownAt: Instant?) { events = EventTable(asOf: asOf, knownAt: knownAt) }
}

extension Knowledge {
  func known(of name: Int) -> Known? { known[name] }

  /// What the event joins; nil where it joins nothing or does not count.
  func links(of event: Int) -> EventLinks? { links[event] }

  /// Whether what bounds a link is an event of both sides: the end of a whole transaction is its own affair.
  func isShared(_ event: Int) -> Bool { links[event]?.endsAll != true || links[event]?.kind != .transacted }

  /// The events within a time that ended links without naming both sides, as far as they are events of both.
  func sharedEndings(_ spans: [LinkSpan], in windows: Windows) -> [Int] {
    spans.compactMap(\.closed).filter {
      links[$0]?.endsAll == true && isShared($0) && windows.contains(time(of: $0))
    }
  }

  func time(of event: Int) -> Int64 { events.entries[event].time }

  mutating func number(of text: String) -> Int { names.number(of: text) }

  mutating func ordered(_ list: [Int]) -> [Int] { events.ordered(list) }

  /// Whether it is a place, a transaction or a thing; once it was read.
  func kind(of name: Int) -> TraceNode.Kind {
    let text = names.texts[name]
    if text.hasPrefix(Self.placePrefix) { return .place }
    guard transactions.contains(name) else { return .item }
    let isItem = known[name]?.events.contains { event in
      events.entries[event].placed.event.items.contains { $0.canonical == text }
    }
    return isItem == true ? .item : .transaction
  }

  /// Physical locations: GLN, with or without extension.
  private static let placePrefix = "https://id.gs1.org/414/"

  /// Asks once for what is not known yet.
  mutating func load(_ wanted: some Sequence<Int>, from source: inout some EventSource) async throws {
    let missing = Set(wanted.filter { known[$0] == nil }).sorted { names.texts[$0] < names.texts[$1] }
    guard !missing.isEmpty else { return }
    let answers = try await source.mentions(of: missing.map { names.texts[$0] })
    try Self.check(answers.count, missing.count)
    for (name, answer) in zip(missing, answers) {
      known[name] = Known(
        events: events.add(answer.events), hidesEvents: answer.hidesEvents, isCutOff: answer.isCutOff)
    }
    digest()
  }

  /// Asks once for all events of the transformations.
  mutating func load(hubs wanted: some Sequence<Int>, from source: inout some EventSource) async throws {
    let missing = Set(wanted.filter { !hubs.entries[$0].isComplete }).sorted {
      hubs.entries[$0].id < hubs.entries[$1].id
    }
    guard !missing.isEmpty else { return }
    let answers = try await source.transformations(missing.map { hubs.entries[$0].id })
    try Self.check(answers.count, missing.count)
    for (hub, answer) in zip(missing, answers) {
      _ = events.add(answer.events)
      hubs.complete(hub, hidesEvents: answer.hidesEvents, isCutOff: answer.isCutOff)
    }
    digest()
  }

  private static func check(_ count: Int, _ expected: Int) throws(Failure) {
    guard count == expected else {
      throw Failure(.bug, "SOURCE_ANSWER_COUNT", "a source gave \(count) answers to \(expected) questions")
    }
  }

  private mutating func digest() {
    for number in links.count..<events.entries.count {
      let entry = events.entries[number]
      let joined = entry.standing == .effective ? EventLinks(entry.placed.event, &names) : nil
      links.append(joined)
      guard let joined else { continue }
      for name in joined.below { joinedBelow[name, default: []].append(number) }
      for name in joined.above { joinedAbove[name, default: []].append(number) }
      if joined.kind == .transformed { hubs.add(number, transformationID: entry.placed.event.event.transformationID) }
      if joined.kind == .transacted {
        transactions.formUnion(joined.above)
        if let carrier = joined.carrier { joinedAbove[carrier, default: []].append(number) }
      }
    }
  }
}

extension Knowledge {
  /// The transformations that take it in, with the times.
  func consumers(of name: Int) -> [(hub: Int, time: Int64)] { transformations(joinedBelow[name]) }

  /// The transformations that bring it forth, with the times.
  func producers(of name: Int) -> [(hub: Int, time: Int64)] { transformations(joinedAbove[name]) }

  private func transformations(_ list: [Int]?) -> [(hub: Int, time: Int64)] {
    (list ?? []).compactMap { number in hubs.hub(of: number).map { ($0, time(of: number)) } }
  }

  /// What it is in, and the events that say so.
  mutating func parents(of name: Int) throws(Failure) -> [Pair: [Int]] {
    var parents: [Pair: [Int]] = [:]
    for number in joinedBelow[name] ?? [] {
      guard let joined = links[number], joined.kind != .transformed else { continue }
      try count(joined.above.count + 1)
      for parent in joined.above where parent != name {
        parents[Pair(child: name, parent: parent, kind: joined.kind), default: []].append(number)
      }
      if let carrier = joined.carrier, carrier != name, !joined.above.contains(carrier) {
        parents[Pair(child: name, parent: carrier, kind: joined.kind), default: []].append(number)
      }
    }
    return parents
  }

  /// What is in it, and the events that say so.
  mutating func children(of name: Int) throws(Failure) -> [Pair: [Int]] {
    var children: [Pair: [Int]] = [:]
    for number in joinedAbove[name] ?? [] {
      guard let joined = links[number], joined.kind != .transformed else { continue }
      try count(joined.below.count)
      for child in joined.below where child != name {
        children[Pair(child: child, parent: name, kind: joined.kind), default: []].append(number)
      }
    }
    return children
  }

  /// When the pair was joined, by the events that name both and by those that end everything.
  mutating func spans(of pair: Pair, _ numbers: [Int]) -> [LinkSpan] {
    if let spans = pairs[pair] { return spans }
    var builder = SpanBuilder(ends: endings(of: pair))
    for number in ordered(numbers) { builder.add(mention(of: pair, number)) }
    let spans = builder.finished()
    examined[pair] = Evidence(mentions: numbers, deciding: builder.evidence)
    if known[pair.parent] != nil { pairs[pair] = spans }
    return spans
  }

  private func mention(of pair: Pair, _ number: Int) -> PairMention {
    let joined = links[number]
    let isCarrier = joined?.carrier == pair.parent && joined?.above.contains(pair.parent) == false
    let effect: PairMention.Effect =
      switch joined?.action {
      case .add where !isCarrier: .begins
      case .delete where !isCarrier: .ends
      default: .seen
      }
    return PairMention(
      number: number, time: time(of: number), effect: effect, quantities: joined?.quantitiesBelow[pair.child] ?? [])
  }

  private mutating func endings(of pair: Pair) -> [(time: Int64, number: Int)] {
    let key = Ending(parent: pair.parent, kind: pair.kind)
    if let list = endings[key] { return list }
    let numbers = (joinedAbove[pair.parent] ?? []).filter { links[$0]?.kind == pair.kind && links[$0]?.endsAll == true }
    let list = ordered(numbers).map { (time(of: $0), $0) }
    if known[pair.parent] != nil { endings[key] = list }
    return list
  }

  /// What decided when a pair was joined that was looked at.
  func deciding(_ pair: Pair) -> [Int] { examined[pair]?.deciding ?? [] }

  /// Further events without which those listed and needed would join pairs that they do not join: what decided about any pair
  /// that one of them names.
  func consulted(besides listed: Set<Int>, needed: Set<Int>) -> Set<Int> {
    var byMention: [Int: [Evidence]] = [:]
    for evidence in examined.values where !listed.isSuperset(of: evidence.deciding) {
      for mention in evidence.mentions { byMention[mention, default: []].append(evidence) }
    }
    var consulted = needed.subtracting(listed)
    var pending = byMention.keys.filter { listed.contains($0) || consulted.contains($0) }
    while let mention = pending.popLast() {
      for evidence in byMention.removeValue(forKey: mention) ?? [] {
        pending += evidence.deciding.filter { !listed.contains($0) && consulted.insert($0).inserted }
      }
    }
    return consulted
  }

  private mutating func count(_ links: Int) throws(Failure) {
    linkCount += links
    guard linkCount <= Self.maximumLinks else {
      throw Failure(
        .preconditionFailed, "TOO_MANY_LINKS",
        "the trace would follow more than \(Self.maximumLinks) links; ask for less depth or fewer nodes")
    }
  }
}
