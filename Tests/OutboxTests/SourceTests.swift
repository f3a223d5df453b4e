import Outbox
import Primitives
import Testing

@Suite struct SourceTests {
  @Test func progressAndBatchAreOneStep() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      #expect(try outbox.progress(of: Desk.file(0).digest) == nil)
      _ = try outbox.enqueue(Desk.draft("one", source: Desk.file(4)))
    }
    try await desk.run { outbox async throws in
      #expect(try outbox.progress(of: Desk.file(0).digest) == SourceProgress(eventsDone: 4, positions: nil))
      #expect(try outbox.backlog() == (1, 1))
    }
  }

  @Test func receiptsSayWhereAFileIs() async throws {
    let desk = try Desk()
    try await desk.runFresh { outbox in
      let batches = try [3, 6, 10].map { try outbox.enqueue(Desk.draft("\($0)", source: Desk.file($0))) }
      for (batch, position) in zip(batches, [12, 14, 19] as [UInt64]) {
        try outbox.acknowledge(try desk.receipt(batch, position: position))
      }
      #expect(try outbox.progress(of: Desk.file(0).digest) == SourceProgress(eventsDone: 10, positions: 12...19))
    }
  }
}
