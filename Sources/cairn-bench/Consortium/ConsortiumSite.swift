import Engine
import Foundation
import Signing

/// A consortium that `ops/consortium` started, as the files under its folder describe it.
struct ConsortiumSite: Sendable {
  private struct Plan: Decodable {
    struct Member: Decodable {
      let id, host: String
      let ports: [String: Int]
    }

    let members: [Member]
    let engines: [String]
  }

  private let directory: URL
  private let plan: Plan

  init(_ directory: URL) throws {
    self.directory = directory
    plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: directory.appending(path: "plan.json")))
    guard !plan.members.isEmpty else { throw BenchError("\(directory.path) is a consortium without members") }
  }

  /// The member that founded it.
  var founder: String { plan.members[0].id }
  var memberCount: Int { plan.members.count }
  var engineCount: Int { plan.engines.count }

  /// `count` connections, dealt out over the nodes; the founder's admin asks.
  func endpoints(_ count: Int) throws -> [Endpoint] {
    let identity = try founderKey()
    return (0..<max(count, memberCount)).map { number in
      let member = plan.members[number % memberCount]
      return Endpoint(
        host: member.host, port: member.ports["grpc"] ?? 0,
        certificate: directory.appending(path: "nodes/\(member.id)/tls/cert.pem"), identity: identity)
    }
  }

  /// The key of the admin that signed the genesis batch.
  func founderKey() throws -> PrivateKey { try PrivateKey.read(directory.appending(path: "keys/\(founder)-admin.pem")) }

  /// How the founder's node connects to the engine.
  func engineOptions() throws -> EngineOptions {
    let home = directory.appending(path: "engine/members/\(founder)")
    let servers = try String(contentsOf: home.appending(path: "servers"), encoding: .utf8)
    return EngineOptions(
      servers: servers.split(separator: "\n").map(String.init), authorities: home.appending(path: "ca.pem").path,
      certificate: home.appending(path: "cert.pem").path, key: home.appending(path: "key.pem").path,
      name: "cairn-bench")
  }

  /// CPU seconds that the nodes, and the engine's servers, have used so far.
  func cpuSeconds() throws -> (nodes: Double, engines: Double) {
    let engines = (1...engineCount).map { "s\($0)" }
    return (try used(plan.members.map(\.id)), try used(engines))
  }

  private func used(_ names: [String]) throws -> Double {
    try names.reduce(0) { sum, name in
      let text = try String(contentsOf: directory.appending(path: "run/\(name).pid"), encoding: .utf8)
      guard let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
        throw BenchError("\(name) does not run")
      }
      return sum + (try ProcessUsage(pid: pid)).cpuSeconds
    }
  }
}
