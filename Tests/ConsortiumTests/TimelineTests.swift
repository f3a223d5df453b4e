import Consortium
import SeededRandom
import Testing

/// Facts that change.
@Suite struct TimelineTests {
  @Test func anEntryFindsWhatWasRecordedBelowIt() {
    var timeline = Timeline("a", at: 10)
    timeline.record("b", at: 20)
    timeline.record("c", at: 30)
    #expect(
      [0, 10, 11, 20, 21, 30, 31, .max].map { timeline.value(at: $0) } == ["a", "a", "a", "a", "b", "b", "c", "c"])
    #expect(timeline.latest == "c")
  }

  @Test func ofTwoChangesAtOnePositionTheLaterStays() {
    var timeline = Timeline(1, at: 5)
    timeline.record(2, at: 5)
    timeline.record(3, at: 8)
    timeline.record(4, at: 8)
    #expect([5, 6, 8, 9].map { timeline.value(at: $0) } == [2, 2, 2, 4])
  }

  @Test func whatStaysTheSameIsNotRecorded() {
    var timeline = Timeline(1, at: 5)
    timeline.record(1, at: 6)
    #expect(timeline == Timeline(1, at: 5))
    timeline.record(2, at: 8)
    timeline.record(1, at: 8)
    #expect(timeline == Timeline(1, at: 5))
  }

  @Test(arguments: UInt64(1)...20) func agreesWithWalkingThroughAllChanges(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var position = UInt64(random.number(below: 5))
    var timeline = Timeline(0, at: position)
    var changes = [(position, 0)]
    for _ in 0..<50 {
      position += UInt64(random.number(below: 3))
      let value = random.number(below: 3)
      timeline.record(value, at: position)
      changes.append((position, value))
    }
    for asked in 0...(position + 2) {
      let expected = changes.last { $0.0 < asked }?.1 ?? changes.last { $0.0 == changes[0].0 }?.1
      #expect(timeline.value(at: asked) == expected, "seed \(seed), position \(asked)")
    }
  }
}
