import Foundation
import Ledger
import Primitives
import Signing
import Wire

/// A real `cairnd`, in a process of its own, on a fresh ledger.
final class ServerProcess: Sendable {
  /// The ledger's name and its only member.
  static let member = "bench"

  let directory: URL
  private let process: Process
  let port: Int

  private var certificate: URL { directory.appending(path: "tls/cert.pem") }
  var usage: ProcessUsage { get throws { try ProcessUsage(pid: process.processIdentifier) } }

  /// Makes a ledger in `directory`, which must not exist, and serves it; `log` gets what the server says.
  init(_ executable: URL, directory: URL, log: URL) async throws {
    self.directory = directory
    let initialisation = try Self.start(executable, ["init", directory.path, "--name", Self.member], log: log)
    initialisation.waitUntilExit()
    guard initialisation.terminationStatus == 0 else {
      throw BenchError("cairnd init failed:\n" + Self.said(log))
    }
    process = try Self.start(executable, ["serve", directory.path, "--listen", "127.0.0.1:0"], log: log)
    try Data(String(process.processIdentifier).utf8).write(to: directory.appending(path: "../server.pid"))
    do {
      port = try await Self.listeningPort(of: process, directory.appending(path: "address"), log: log)
    } catch {
      process.terminate()
      throw error
    }
  }

  /// Stops the server and waits until it is gone.
  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: directory.appending(path: "../server.pid"))
  }

  /// The founding admin's key.
  func adminKey() throws -> PrivateKey { try PrivateKey.read(directory.appending(path: "keys/admin.pem")) }

  /// For `count` connections of the founding admin.
  func endpoints(_ count: Int) throws -> [Endpoint] {
    let identity = try adminKey()
    return (0..<count).map { _ in
      Endpoint(host: "127.0.0.1", port: port, certificate: certificate, identity: identity)
    }
  }

  /// The bytes of all files of the ledger.
  var diskBytes: Int {
    let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: [.fileSizeKey])
    return files?.reduce(0) { sum, file in
      sum + ((try? (file as? URL)?.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
    } ?? 0
  }

  private static func start(_ executable: URL, _ arguments: [String], log: URL) throws -> Process {
    if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
    let output = try FileHandle(forWritingTo: log)
    try output.seekToEnd()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// The port that the server writes to `address` once it listens.
  private static func listeningPort(of process: Process, _ address: URL, log: URL) async throws -> Int {
    let deadline = ContinuousClock.now + .seconds(30)
    while process.isRunning, ContinuousClock.now < deadline {
      if let text = try? String(contentsOf: address, encoding: .utf8),
        let port = text.split(separator: ":").last.flatMap({ Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
      {
        return port
      }
      try await ContinuousClock().sleep(for: .milliseconds(20))
    }
    throw BenchError("cairnd does not listen; it said:\n" + said(log))
  }

  private static func said(_ log: URL) -> String { (try? String(contentsOf: log, encoding: .utf8)) ?? "nothing" }
}
