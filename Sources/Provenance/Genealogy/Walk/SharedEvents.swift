import Primitives

/// An event of an item or of what it is in.
struct SharedEvent {
  let placed: PlacedEvent
  let traced: TraceEvent
  /// What it says of the time behind it holds for the item: of a transformation, only where the item is an output of it, or in
  /// one.
  let holdsAfterwards: Bool
}

extension Walk {
  /// After a walk to containers only: the item's own events and those that it shares with its containers, in their order.
  mutating func sharedEvents() throws(Failure) -> [SharedEvent] {
    var numbers: Set<Int> = []
    var outputs: Set<Int> = []
    for node in nodes.values {
      guard let name = node.name, isFollowed(name) else { continue }
      let life = node.life.all
      var own = Set(knowledge.known(of: name)?.events ?? [])
      for (pair, list) in try knowledge.parents(of: name) {
        own.formUnion(knowledge.sharedEndings(knowledge.spans(of: pair, list), in: life))
      }
      for number in own where life.contains(knowledge.time(of: number)) {
        numbers.insert(number)
        if knowledge.links(of: number)?.above.contains(name) == true { outputs.insert(number) }
      }
    }
    return knowledge.ordered(Array(numbers)).map { number in
      let entry = knowledge.events.entries[number]
      return SharedEvent(
        placed: entry.placed, traced: entry.traced,
        holdsAfterwards: knowledge.links(of: number)?.kind != .transformed || outputs.contains(number))
    }
  }

  /// What the item is in, after reading what could end that.
  mutating func openParents(in source: inout some EventSource) async throws -> [StatedLink] {
    try await knowledge.load(try knowledge.parents(of: root).keys.map(\.parent), from: &source)
    return openLinks(try knowledge.parents(of: root)) { $0.parent }
  }

  /// What is in the item.
  mutating func openChildren() throws(Failure) -> [StatedLink] {
    openLinks(try knowledge.children(of: root)) { $0.child }
  }

  private mutating func openLinks(
    _ pairs: [Knowledge.Pair: [Int]], _ side: (Knowledge.Pair) -> Int
  ) -> [StatedLink] {
    var links: [StatedLink] = []
    for (pair, events) in pairs {
      guard let span = knowledge.spans(of: pair, events).last, span.range.upperBound == .max else { continue }
      links.append(
        StatedLink(
          kind: pair.kind, id: knowledge.names.texts[side(pair)], quantities: span.quantities,
          since: knowledge.events.entries[span.opened].traced))
    }
    return links.sorted { ($0.id, $0.kind.rawValue) < ($1.id, $1.kind.rawValue) }
  }
}
