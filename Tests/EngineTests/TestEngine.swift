import Foundation
import Glibc
import Primitives
import Synchronization
import Testing

@testable import Engine

/// Real servers on this machine, in a folder of their own: `ops/lib/engine` makes, starts and stops them.
struct TestEngine: Sendable {
  static let script = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "ops/lib/engine").path
  static let members = ["alpha", "beta", "gamma.x"]

  let folder: URL

  /// Runs `body` with running servers, which are gone afterwards.
  static func with<Result>(servers: Int, _ body: (TestEngine) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID().uuidString)")
    let engine = TestEngine(folder: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = ["--members", members.joined(separator: ","), "--creators", "alpha,beta"]
    try await run(["make", folder.path, "--servers", "\(servers)"] + names)
    let outcome: Swift.Result<Result, any Error>
    do {
      try await engine.start()
      outcome = .success(try await body(engine))
    } catch { outcome = .failure(error) }
    try await engine.stop(kill: true)
    return try outcome.get()
  }

  func start(_ servers: String...) async throws { try await Self.run(["start", folder.path] + servers) }

  func stop(_ servers: String..., kill: Bool = false) async throws {
    try await Self.run(["stop", folder.path] + servers + (kill ? ["--kill"] : []))
  }

  /// Makes a further member known, one server after the other.
  func add(_ member: String) async throws {
    try await Self.run(["add", folder.path, member])
    try await Self.run(["restart", folder.path])
  }

  func store(_ server: String) -> URL { folder.appending(path: "servers/\(server)/store") }

  /// How a member connects, or the owner of the streams.
  func options(_ name: String, timeout: Int = 10_000) -> EngineOptions {
    let home = folder.appending(path: name == "owner" ? "owner" : "members/\(name)")
    let servers = (try? String(contentsOf: home.appending(path: "servers"), encoding: .utf8)) ?? "tls://127.0.0.1:1"
    return EngineOptions(
      servers: servers.split(separator: "\n").map(String.init), authorities: home.appending(path: "ca.pem").path,
      certificate: home.appending(path: "cert.pem").path, key: home.appending(path: "key.pem").path, name: name,
      api: name == "owner" ? "$JS.API" : "ENGINE.API", timeoutMilliseconds: timeout)
  }

  /// A connection of a member, or of the owner of the streams, once it is there.
  func connect(_ name: String, timeout: Int = 10_000) async throws -> TestConnection {
    let made = try TestConnection(options(name, timeout: timeout))
    await made.until { $0.isConnected }
    return made
  }

  /// By way of the system's own call: Foundation's `Process` has crashed where many tests run at once.
  private static func run(_ arguments: [String]) async throws {
    let status = await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: spawn([script] + arguments)) }
    }
    try #require(status == 0, "ops/lib/engine \(arguments.joined(separator: " "))")
  }

  /// What the command ended with; -1 where it could not be started.
  private static func spawn(_ command: [String]) -> Int32 {
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    guard posix_spawn(&process, command[0], nil, nil, &words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status
  }
}

/// A connection and what it told about its health, in order.
struct TestConnection: Sendable {
  let engine: EngineConnection
  let changes: AsyncStream<EngineHealth>

  init(_ options: EngineOptions) throws {
    let (changes, continuation) = AsyncStream.makeStream(of: EngineHealth.self)
    self.changes = changes
    engine = try EngineConnection(options) { continuation.yield($0) }
  }

  /// Passes over what it told until `isIt`.
  func until(_ isIt: (EngineHealth) -> Bool) async {
    for await health in changes where isIt(health) { return }
  }

  /// Whether the engine is away because a server that is there has no majority.
  var missesMajority: Bool {
    if case .away(let reason) = engine.health { reason.contains("no majority") } else { false }
  }

  /// Tries until the engine is no longer away.
  func insist<Value>(_ body: (EngineConnection) async throws(Failure) -> Value) async throws -> Value {
    while true {
      try Task.checkCancellation()
      do { return try await body(engine) } catch {
        guard error.kind == .unavailable else { throw error }
        await breathe()
      }
    }
  }

  /// A moment for the servers between two tries; decides nothing.
  func breathe() async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { continuation.resume() }
    }
  }

  /// Publishes `count` messages, the first with `first` in it, each until it is recorded; the sequences.
  @discardableResult
  func publish(_ count: Int, first: Int = 0, to subject: String, stream: String) async throws -> [UInt64] {
    var sequences: [UInt64] = []
    for number in first..<(first + count) {
      let bytes = Data("message \(number)".utf8)
      sequences.append(
        try await insist { engine throws(Failure) in
          try await engine.publish(bytes, to: subject, id: "\(number)", stream: stream)
        })
    }
    return sequences
  }

  /// Reads `count` messages.
  func read(
    _ count: Int, of stream: String, from sequence: UInt64 = 1, created: Int64? = nil, previous: Int64? = nil
  ) async throws -> [OrderedMessage] {
    var read: [OrderedMessage] = []
    guard count > 0 else { return read }
    for try await group in engine.messages(of: stream, from: sequence, created: created, previous: previous) {
      read += group
      if read.count >= count { break }
    }
    return read
  }
}

extension StreamTerms {
  /// The stream of a test, with the subjects of a ledger of that name.
  static func test(
    _ ledger: String, replicas: Int = 1, maxBytes: Int64 = -1, maxAgeSeconds: Int64 = 0, window: Int64 = 120
  ) -> StreamTerms {
    StreamTerms(
      name: "CAIRN_\(ledger)_1", subjects: ["cairn.\(ledger).1.batch.*", "cairn.\(ledger).1.mark.*"],
      replicas: replicas, maxBytes: maxBytes, maxMessageBytes: 100_000, maxAgeSeconds: maxAgeSeconds,
      duplicateWindowSeconds: window)
  }

  func subject(_ kind: String, _ member: String) -> String {
    "cairn.\(name.split(separator: "_")[1]).1.\(kind).\(member)"
  }
}

/// One server for all tests of a suite.
struct OneServer: SuiteTrait, TestScoping {
  @TaskLocal static var engine: TestEngine?

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await TestEngine.with(servers: 1) { engine in
      try await Self.$engine.withValue(engine) { try await body() }
    }
  }
}

extension Trait where Self == OneServer {
  static var oneServer: Self { OneServer() }
}
