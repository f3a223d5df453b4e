import Capture
import FoundationEssentials
import Ledger
import Outbox
import Primitives
import Signing
import Testing

@Suite final class BatchPlanTests {
  private static let now = Instant(microseconds: 1_772_350_000_000_000)

  private let directory: URL
  private let key: PrivateKey

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "capture-\(UInt64.random(in: 0 ... .max))")
    key = try PrivateKey.generate(.ed25519)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// Opens the outbox as a program that starts would.
  private func outbox() async throws -> Outbox {
    let outbox = try Outbox(directory: directory, ledgerID: SHA256.hash(Array("a ledger".utf8)), key: key)
    _ = try await outbox.reconcile(with: AuthorChain()) { _ in nil }
    return outbox
  }

  private func options(_ batchSize: Int, bytes: Int = Limits.batchBytes) -> BatchPlan.Options {
    var options = BatchPlan.Options()
    options.batchSize = batchSize
    options.batchBytes = bytes
    return options
  }

  private func drain(_ plan: BatchPlan, _ outbox: Outbox, limit: Int = .max) throws -> [BatchDraft] {
    var plan = plan
    var drafts: [BatchDraft] = []
    while drafts.count < limit, let draft = try plan.next(outbox, at: Self.now) {
      _ = try outbox.enqueue(draft)
      drafts.append(draft)
    }
    return drafts
  }

  @Test(arguments: [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (100, [5])])
  func aFileIsCutIntoBatches(batchSize: Int, counts: [Int]) async throws {
    let file = try SourceFile(name: "a.json", bytes: document(["A", "B", "C", "D", "E"]))
    let drafts = try drain(BatchPlan([file], options: options(batchSize)), try await outbox())
    #expect(drafts.map(\.records.count) == counts)
    #expect(drafts.flatMap(\.records) == file.records.map(\.bytes))
    #expect(drafts.last?.source?.eventsDone == 5)
  }

  @Test func noBatchIsLargerThanItMayBe() async throws {
    let file = try SourceFile(name: "a.json", bytes: document(["A", "B", "C", "D", "E"]))
    let size = try #require(file.records.map(\.bytes.count).max())
    let drafts = try drain(BatchPlan([file], options: options(100, bytes: 2 * size + 11)), try await outbox())
    #expect(drafts.map(\.records.count) == [2, 2, 1])
    let tiny = try SourceFile(name: "b.json", bytes: document(["F", "G"]))
    let single = try drain(BatchPlan([tiny], options: options(100, bytes: 1)), try await outbox())
    #expect(single.map(\.records.count) == [1, 1])
  }

  @Test(arguments: 0...3) func anInterruptedCaptureGoesOnWhereItWas(sent: Int) async throws {
    let bytes = document(["A", "B", "C", "D", "E"])
    let first = try SourceFile(name: "a.json", bytes: bytes)
    var records = try drain(BatchPlan([first], options: options(2)), try await outbox(), limit: sent).flatMap(\.records)
    let again = try SourceFile(name: "moved/a.json", bytes: bytes)
    let rest = try await outbox()
    #expect(try BatchPlan.remaining(of: again, rest) == 5 - records.count)
    records += try drain(BatchPlan([again], options: options(2)), rest).flatMap(\.records)
    #expect(records.count == 5)
    #expect(try BatchPlan.remaining(of: again, rest) == 0)
    #expect(try drain(BatchPlan([again], options: options(2)), rest).isEmpty)
  }

  @Test func oneContentUnderTwoNamesIsSentOnce() async throws {
    let bytes = document(["A", "B"])
    let files = try ["a.json", "copy.json"].map { try SourceFile(name: $0, bytes: bytes) }
    #expect(try drain(BatchPlan(files, options: options(10)), try await outbox()).map(\.records.count) == [2])
  }

  @Test func badEventsAreLeftOutAndCountAsDone() async throws {
    let file = try SourceFile(name: "a.json", bytes: document(["A", "B", "C", "D"], bad: [0, 3]))
    let outbox = try await outbox()
    let drafts = try drain(BatchPlan([file], options: options(1)), outbox)
    #expect(drafts.map { $0.source?.eventsDone } == [2, 4])
    #expect(try BatchPlan.remaining(of: file, outbox) == 0)
  }
}
