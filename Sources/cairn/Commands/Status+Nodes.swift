import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

extension Status {
  /// Asks several nodes at once; one that does not answer is a row that says so.
  func compare(_ addresses: [String]) async throws {
    let connection = connection
    var rows: [(address: String, answer: Result<NodeTable.Answer, Failure>)] = []
    await withTaskGroup(of: (Int, Result<NodeTable.Answer, Failure>).self) { group in
      for (index, address) in addresses.enumerated() {
        group.addTask { (index, await Self.answer(of: address, connection)) }
      }
      var answers = [Int: Result<NodeTable.Answer, Failure>]()
      for await (index, answer) in group { answers[index] = answer }
      rows = addresses.indices.compactMap { index in answers[index].map { (addresses[index], $0) } }
    }
    let nodes = NodeTable(rows)
    if json {
      Console.output.write(JSONWriter.pretty(nodes.json))
    } else {
      nodes.table.print()
      for problem in nodes.problems { Console.messages.line(problem) }
    }
    guard nodes.isWell else { throw ExitCode(ExitStatus.refused.rawValue) }
  }

  private static func answer(
    of address: String, _ connection: ConnectionOptions
  ) async -> Result<NodeTable.Answer, Failure> {
    var options = connection
    options.server = address
    do throws(Failure) {
      return .success(
        try await options.withConnection { connection in
          let status = try await connection.nodeStatus()
          let consortium = try await connection.consortium()
          guard let key = KeyID(status.keyID) else {
            throw Failure(.corrupt, "MALFORMED_ANSWER", "\(address) gave a key id that has not 32 bytes")
          }
          return NodeTable.Answer(
            status: status, quorum: consortium.quorum, nodes: consortium.nodes,
            keyEnd: try await connection.author(key).notAfterMicroseconds)
        })
    } catch { return .failure(error) }
  }
}
