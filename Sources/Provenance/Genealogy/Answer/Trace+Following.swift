extension Trace {
  /// Answers the question from the events of a source, which is asked once a level for everything that the level needs.
  ///
  /// TOO_MANY_LINKS where more than five million links would have to be looked at; otherwise it fails as the source does.
  package static func following(
    _ question: TraceQuestion, in source: inout some EventSource
  ) async throws -> Trace {
    let facets: [Facet] =
      switch question.direction {
      case .back: [.back]
      case .forward: [.forward]
      case .both: [.back, .forward]
      }
    var walk = Walk(
      from: question.item, Knowledge(asOf: question.asOf, knownAt: question.knownAt),
      Walk.Rules(
        facets: facets, followsEverything: true, maximumDepth: question.maximumDepth,
        maximumNodes: question.maximumNodes))
    try await walk.run(in: &source)
    var assembly = try TraceAssembly(walk)
    return assembly.trace()
  }
}
