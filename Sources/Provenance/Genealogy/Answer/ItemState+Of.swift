package import Primitives

extension ItemState {
  /// The most containers that are looked at, one inside the other.
  package static let maximumDepth = 100
  /// The most containers that are looked at.
  package static let maximumContainers = 10_000

  /// What is known of an item (canonical) by the events that happened and that the ledger knew by then, both inclusive.
  /// Nil where the source gives none. Fails as `Trace.following` does.
  package static func of(
    _ item: String, asOf: Instant?, knownAt: Instant?, in source: inout some EventSource
  ) async throws -> ItemState? {
    var walk = Walk(
      from: item, Knowledge(asOf: asOf, knownAt: knownAt),
      Walk.Rules(
        facets: [.back], followsEverything: false, maximumDepth: maximumDepth, maximumNodes: maximumContainers + 1))
    try await walk.run(in: &source)
    guard let known = walk.knowledge.known(of: walk.root), !known.events.isEmpty else { return nil }
    let parents = try await walk.openParents(in: &source)
    let children = try walk.openChildren()
    let events = try walk.sharedEvents()
    var facts = ItemFacts()
    for event in events { facts.add(event, of: item) }
    let carriers = walk.nodes.values.compactMap(\.name).compactMap(walk.knowledge.known)
    let isShort = !walk.tooDeep.isEmpty || !walk.crowded.isEmpty
    return ItemState(
      item: item, kind: walk.knowledge.kind(of: walk.root), events: events.map(\.traced), place: facts.place,
      disposition: facts.disposition, persistentDispositions: facts.persistentDispositions,
      parents: parents.filter { $0.kind != .transacted }, children: children,
      transactions: parents.filter { $0.kind == .transacted }, possessor: facts.possessor,
      owner: facts.owner, lastMember: facts.lastMember, quantities: facts.quantities,
      createdBy: facts.createdBy, endedBy: facts.endedBy, hidesEvents: carriers.contains(where: \.hidesEvents),
      isCutOff: isShort || carriers.contains(where: \.isCutOff))
  }
}
