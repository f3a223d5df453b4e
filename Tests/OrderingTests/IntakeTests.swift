import Ledger
import Primitives
import Testing

@testable import Ordering

@Suite struct IntakeTests {
  /// An intake in which nobody who may wait gets in.
  private func fullIntake() throws -> (Intake, Submission) {
    let intake = Intake()
    let blocker = try Submission.sized(Intake.maxBytes / 2, lane: .member(0))
    return (intake, blocker)
  }

  private func outcome(_ intake: Intake, _ submission: Submission) async -> String {
    do throws(Failure) { try await intake.offerWhenRoom(submission) } catch { return error.reason }
    return "QUEUED"
  }

  private func waitUntil(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
  }

  @Test func whoeverIsCancelledWhileWaitingLeavesNothingBehind() async throws {
    let (intake, blocker) = try fullIntake()
    try await intake.offerWhenRoom(blocker)
    let waiting = try (1...40).map { try Submission.sized(10, lane: .member($0)) }
    let outcomes = await withTaskGroup(of: String.self) { group in
      for submission in waiting { group.addTask { await outcome(intake, submission) } }
      await waitUntil { intake.laneCount == 41 }
      group.cancelAll()
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes == Array(repeating: "CALL_ENDED", count: 40))
    #expect(intake.laneCount == 1)
    #expect(await intake.next()?.count == 1)
    #expect(intake.laneCount == 0)
  }

  @Test func whoeverWaitsGetsInWhenThereIsRoom() async throws {
    let (intake, blocker) = try fullIntake()
    try await intake.offerWhenRoom(blocker)
    let waiting = try (1...40).map { try Submission.sized(10, lane: .member($0)) }
    let outcomes = await withTaskGroup(of: String.self) { group in
      for submission in waiting { group.addTask { await outcome(intake, submission) } }
      await waitUntil { intake.laneCount == 41 }
      #expect(await intake.next()?.count == 1)
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes == Array(repeating: "QUEUED", count: 40))
    #expect(await intake.next()?.count == 40)
  }

  @Test func closingAnswersWhoeverWaitsAndWritesWhatIsQueued() async throws {
    let (intake, blocker) = try fullIntake()
    try await intake.offerWhenRoom(blocker)
    let late = try Submission.sized(10, lane: .member(1))
    let waited = await withTaskGroup(of: String.self) { group in
      group.addTask { await outcome(intake, late) }
      await waitUntil { intake.laneCount == 2 }
      intake.close()
      return await group.next()
    }
    #expect(waited == "SHUTTING_DOWN")
    #expect(await outcome(intake, late) == "SHUTTING_DOWN")
    #expect(throws: Failure.self) { try intake.offer(late) }
    #expect(throws: Failure.self) { try intake.requireRoom(late.lane) }
    #expect(await intake.next()?.count == 1)
    #expect(await intake.next() == nil)
  }

  @Test func abandoningAnswersEverybody() async throws {
    let (intake, blocker) = try fullIntake()
    try await intake.offerWhenRoom(blocker)
    let unary = try (0..<20).map { try Submission.sized(10, lane: .member($0)) }
    for submission in unary { try intake.offer(submission) }
    let late = try Submission.sized(10, lane: .member(90))
    let waited = await withTaskGroup(of: String.self) { group in
      group.addTask { await outcome(intake, late) }
      await waitUntil { intake.laneCount == 21 }
      intake.abandon(Failure(.unavailable, "WRITER_STOPPED", "the writer is gone"))
      return await group.next()
    }
    #expect(waited == "SHUTTING_DOWN")
    for submission in unary + [blocker] {
      guard case .refused(let failure) = await submission.answer.wait() else {
        Issue.record("not refused")
        continue
      }
      #expect(failure.reason == "WRITER_STOPPED")
    }
    #expect(intake.laneCount == 0)
  }

  @Test func aFullIntakeRefusesItsFloodAndNobodyElse() throws {
    let intake = Intake()
    let flood = try Submission.sized(1 << 20, lane: .member(0))
    while (try? intake.requireRoom(flood.lane)) != nil { try intake.offer(flood) }
    do throws(Failure) {
      try intake.offer(flood)
      Issue.record("not refused")
    } catch {
      #expect(error.kind == .unavailable)
      #expect(error.reason == "INTAKE_FULL")
      #expect(error.retryAfterMilliseconds == 100)
    }
    try intake.offer(try Submission.sized(1 << 20, lane: .member(1)))
  }

  /// Many streams of three members against one writer, some of them cut off: nothing is lost, doubled, reordered or
  /// stuck.
  @Test func streamsAndTheWriterFinishTogether() async throws {
    let intake = Intake()
    let streams = 12
    let perStream = 40
    let (sent, written) = await withTaskGroup(of: [UInt64].self) { group in
      for stream in 0..<streams {
        group.addTask {
          var sequences: [UInt64] = []
          for number in 0..<perStream {
            guard !(stream % 4 == 3 && number == perStream / 2),
              let submission = try? Submission.sized(
                400_000, sequence: UInt64(stream * perStream + number + 1), lane: .member(stream % 3)),
              await outcome(intake, submission) == "QUEUED"
            else { break }
            sequences.append(submission.batch.header.sequence)
          }
          return sequences
        }
      }
      async let written = write(intake)
      var sent: [[UInt64]] = []
      for await stream in group { sent.append(stream) }
      intake.close()
      return (sent, await written)
    }
    #expect(Set(written).count == written.count)
    #expect(Set(sent.joined()) == Set(written))
    #expect(written.count == 9 * perStream + 3 * perStream / 2)
    for stream in sent {
      let own = Set(stream)
      #expect(written.filter(own.contains) == stream)
    }
    #expect(intake.laneCount == 0)
  }

  private func write(_ intake: Intake) async -> [UInt64] {
    var written: [UInt64] = []
    while let group = await intake.next() { written += group.map(\.batch.header.sequence) }
    return written
  }
}
