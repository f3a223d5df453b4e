import Primitives
import Provenance
import Testing
import Wire

@Suite struct GenealogyPropertyTests {
  static let seeds: [UInt64] = [1, 2, 3, 4]
  private static let storyCount = 50

  /// Calls the body with random stories and questions; a failure names the seed of its story.
  private func forAll(
    _ seed: UInt64, _ body: (inout RandomStory, TraceQuestion, String) async throws -> Void
  ) async throws {
    print("seed \(seed)")
    for number in 0..<Self.storyCount {
      let storySeed = seed << 32 | UInt64(number)
      var story = RandomStory(seed: storySeed, count: 8 + number)
      let question = try TraceQuestion(
        item: RandomStory.names[story.random(RandomStory.names.count)],
        direction: TraceQuestion.Direction.allCases[story.random(3)],
        maximumDepth: story.chance(2) ? 100 : 1 + story.random(4))
      try await body(&story, question, "seed \(storySeed), \(question)")
    }
  }

  private func lines(_ events: [StoryEvent], _ question: TraceQuestion) async throws -> [String] {
    var source = try MemorySource(events)
    return TraceText(source.labels).lines(try await Trace.following(question, in: &source))
  }

  @Test(arguments: seeds) func theOrderOfArrivalDoesNotMatter(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      let expected = try await lines(story.events, question)
      #expect(try await lines(story.shuffled(), question) == expected, "\(name)")
      let state = try await state(story.events, question.item)
      #expect(try await self.state(story.shuffled(), question.item) == state, "\(name)")
    }
  }

  private func state(_ events: [StoryEvent], _ item: String) async throws -> [String]? {
    var source = try MemorySource(events)
    let text = TraceText(source.labels)
    return try await ItemState.of(item, asOf: nil, knownAt: nil, in: &source).map(text.lines)
  }

  @Test(arguments: seeds) func itIsWhatThePlainRulesGive(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      let naive = try NaiveGenealogy(
        story.events, question.item, question.direction, depth: question.maximumDepth)
      var source = try MemorySource(story.events)
      let trace = try await Trace.following(question, in: &source)
      TraceComparison(naive, trace, source.labels, name).check()
    }
  }

  @Test(arguments: seeds) func aChildInheritsExactlyWhatHappensWhileItIsInside(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      guard RandomStory.items.contains(question.item) else { return }
      let naive = try NaiveGenealogy(story.events, question.item, .back, depth: 1)
      var source = try MemorySource(story.events)
      let whole = try TraceQuestion(item: question.item, direction: question.direction)
      let trace = try await Trace.following(whole, in: &source)
      let events = trace.history(of: 0).map { trace.events[$0] }
      let shared = Set(events.compactMap { source.labels[$0.place] })
      let history = naive.history(of: question.item)
      #expect(shared.symmetricDifference(history).subtracting(naive.doubleEndings) == [], "\(name)")
      let state = try await ItemState.of(question.item, asOf: nil, knownAt: nil, in: &source)
      #expect((state?.events ?? []) == events, "\(name)")
    }
  }

  @Test(arguments: seeds) func nothingIsListedTwice(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      var source = try MemorySource(story.events)
      let trace = try await Trace.following(question, in: &source)
      #expect(Set(trace.events.map(\.place)).count == trace.events.count, "\(name)")
      let named = trace.nodes.filter { !$0.id.isEmpty }.map { "\($0.kind) \($0.id)" }
      #expect(Set(named).count == named.count, "\(name)")
      #expect(Set(trace.edges.map { [$0.from, $0.to, Int($0.kind.rawValue)] }).count == trace.edges.count, "\(name)")
      #expect(Set(trace.stubs).count == trace.stubs.count, "\(name)")
      #expect(Set(trace.consulted).isDisjoint(with: trace.events.map(\.place)), "\(name)")
      #expect(Set(trace.nodes.flatMap(\.events)).count == trace.events.count, "\(name)")
    }
  }

  @Test(arguments: seeds) func capsAreKeptExactly(_ seed: UInt64) async throws {
    var cutTraces = 0
    try await forAll(seed) { story, question, name in
      var source = try MemorySource(story.events)
      let whole = try await Trace.following(question, in: &source)
      let cap = 1 + story.random(whole.nodes.count + 1)
      let capped = try TraceQuestion(
        item: question.item, direction: question.direction, maximumDepth: question.maximumDepth, maximumNodes: cap)
      let trace = try await Trace.following(capped, in: &source)
      #expect(trace.nodes.count == min(cap, whole.nodes.count), "\(name)")
      #expect(trace.stubs.contains { $0.reason == .nodeLimit } == (cap < whole.nodes.count), "\(name)")
      #expect(trace.nodes.allSatisfy { $0.depth <= question.maximumDepth }, "\(name)")
      if cap >= whole.nodes.count { #expect(trace == whole, "\(name)") } else { cutTraces += 1 }
      #expect(try await lines(story.shuffled(), capped) == lines(story.events, capped), "\(name)")
    }
    #expect(cutTraces > 10)
  }

  @Test(arguments: seeds) func asOfIsTheSameAsOnlyTheEventsUntilThen(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      let asOf = Instant(microseconds: Int64(story.random(RandomStory.duration)) * 1_000_000)
      let knownAt = Instant(microseconds: Int64(story.random(RandomStory.duration)) * 1_000_000)
      let asked = try TraceQuestion(
        item: question.item, direction: question.direction, maximumDepth: question.maximumDepth, asOf: asOf,
        knownAt: knownAt)
      let then = story.events.filter {
        $0.event.eventTime.microseconds <= asOf.microseconds && $0.ledgerTime <= knownAt
      }
      #expect(try await lines(story.events, asked) == lines(then, question), "\(name)")
      var source = try MemorySource(story.events)
      let text = TraceText(source.labels)
      let state = try await ItemState.of(question.item, asOf: asOf, knownAt: knownAt, in: &source).map(text.lines)
      #expect(try await self.state(then, question.item) == state, "\(name)")
    }
  }

  /// What a proved pack relies on: the events of an answer, with those it consulted, give the answer again.
  @Test(arguments: seeds) func theEventsOfAnAnswerGiveTheAnswerAgain(_ seed: UInt64) async throws {
    var consulted = 0
    try await forAll(seed) { story, question, name in
      let capped = try TraceQuestion(
        item: question.item, direction: question.direction, maximumDepth: question.maximumDepth,
        maximumNodes: 1 + story.random(30))
      var source = try MemorySource(story.events)
      let trace = try await Trace.following(capped, in: &source)
      consulted += trace.consulted.count
      let needed = Set(trace.events.map(\.place) + trace.consulted).compactMap { source.labels[$0] }
      let again = try await lines(story.events.filter { needed.contains($0.label) }, capped)
      #expect(again == TraceText(source.labels).lines(trace), "\(name)")
    }
    #expect(consulted > 0)
  }

  @Test(arguments: seeds) func whatIsHiddenIsAsIfItWereNotThere(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      let events = story.events.map { event in
        var event = event
        event.isHidden = story.chance(4)
        return event
      }
      let answer = try await lines(events, question)
      let readable = try await lines(events.filter { !$0.isHidden }, question)
      #expect(answer.filter { !$0.hasSuffix(" forbidden") } == readable, "\(name)")
    }
  }

  @Test(arguments: seeds) func aSourceIsAskedOnceALevel(_ seed: UInt64) async throws {
    try await forAll(seed) { story, question, name in
      var source = try MemorySource(story.events)
      let trace = try await Trace.following(question, in: &source)
      let levels = trace.nodes.map(\.depth).max() ?? 0
      #expect(source.mentionCalls <= levels + 2, "\(name)")
    }
  }
}
