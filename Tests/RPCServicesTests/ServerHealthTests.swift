import Synchronization
import Testing

@testable import RPCServices

@Suite struct ServerHealthTests {
  /// A writer that can be stopped.
  private final class Writer: Sendable {
    private let running = Mutex(true)
    var isServing: Bool {
      get { running.withLock { $0 } }
      set { running.withLock { $0 = newValue } }
    }
  }

  private let writer = Writer()
  private let health: ServerHealth

  init() {
    health = ServerHealth { [writer] in writer.isServing }
  }

  @Test func everyServiceServesAtFirst() {
    let statuses = health.statuses()
    #expect(Set(statuses.keys) == Set(RPCServiceNames.all + [""]))
    #expect(statuses.values.allSatisfy { $0 == .serving })
  }

  @Test func withoutTheWriterOnlyReadersServe() {
    writer.isServing = false
    #expect(health.status(of: "") == .notServing)
    #expect(health.status(of: "cairn.v1.LedgerService") == .notServing)
    #expect(health.status(of: "cairn.v1.ProvenanceService") == .serving)
    #expect(health.status(of: "cairn.v1.AuditService") == .serving)
  }

  @Test func nothingServesDuringAShutdown() {
    health.beginShutdown()
    #expect(health.statuses().values.allSatisfy { $0 == .notServing })
  }

  @Test(arguments: ["cairn.v1.Nope", "cairn.v1", "LedgerService", " "])
  func aServiceThatDoesNotExist(name: String) {
    #expect(health.status(of: name) == .unknownService)
  }

  @Test func aWatcherHearsEachChangeOnceAndTheEnd() async {
    var statuses = health.watch("").statuses.makeAsyncIterator()
    #expect(await statuses.next() == .serving)
    writer.isServing = false
    health.writerChanged()
    #expect(await statuses.next() == .notServing)
    health.writerChanged()
    writer.isServing = true
    health.writerChanged()
    #expect(await statuses.next() == .serving)
    health.beginShutdown()
    #expect(await statuses.next() == .notServing)
    #expect(await statuses.next() == nil)
  }

  @Test func aSlowWatcherSeesTheLatest() async {
    var statuses = health.watch("").statuses.makeAsyncIterator()
    writer.isServing = false
    health.writerChanged()
    writer.isServing = true
    health.writerChanged()
    writer.isServing = false
    health.writerChanged()
    #expect(await statuses.next() == .notServing)
  }

  @Test func aWatchThatBeginsDuringAShutdownEndsAtOnce() async {
    health.beginShutdown()
    var statuses = health.watch("").statuses.makeAsyncIterator()
    #expect(await statuses.next() == .notServing)
    #expect(await statuses.next() == nil)
  }

  @Test func aWatchEndsWhenItsCallDoes() async {
    let watch = health.watch("no.such.Service")
    let reader = Task { await watch.statuses.reduce(into: []) { $0.append($1) } }
    reader.cancel()
    #expect(await reader.value.allSatisfy { $0 == .unknownService })
  }
}
