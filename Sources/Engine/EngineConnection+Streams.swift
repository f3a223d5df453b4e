import Foundation
package import Primitives
import Synchronization

extension EngineConnection {
  /// The stream that `terms` describe, made where it is missing. Throws ENGINE_TERMS where there is one of that name with other terms,
  /// ENGINE_AWAY while no server can tell, and the unavailable ENGINE_NO_STREAM where it is missing and others have to make it.
  package func ensureStream(_ terms: StreamTerms) async throws(Failure) -> StreamInfo {
    if let found = try await core.stream(terms.name) { return try found.checked(against: terms) }
    guard EngineSubject.isName(terms.name) else {
      throw .malformed("ENGINE_STREAM", field: "stream", "letters, digits, '-' and '_' expected, \(terms.name) found")
    }
    let body = try EngineAPI.encode(StreamConfiguration(terms))
    let answer: StreamAnswer
    do throws(Failure) { answer = try await core.ask("STREAM.CREATE.\(terms.name)", body) } catch {
      guard error.reason == "ENGINE_REFUSED" else { throw error }
      throw Failure(
        .unavailable, "ENGINE_NO_STREAM", "the stream \(terms.name) is missing, and this member may not make it",
        retryAfterMilliseconds: 1000)
    }
    if answer.error?.isNameTaken == true, let found = try await core.stream(terms.name) {
      return try found.checked(against: terms)
    }
    return try answer.stream(terms.name).checked(against: terms)
  }

  /// Throws ENGINE_TERMS where there is a stream of that name with other terms. One that is missing is not made.
  package func requireTerms(_ terms: StreamTerms) async throws(Failure) {
    _ = try await core.stream(terms.name)?.checked(against: terms)
  }

  /// The stream as its leader sees it; ENGINE_NO_STREAM where there is none of that name.
  package func streamInfo(_ name: String) async throws(Failure) -> StreamInfo {
    guard let found = try await core.stream(name) else {
      throw Failure(.notFound, "ENGINE_NO_STREAM", "the engine has no stream \(name)")
    }
    return found.info
  }
}

extension EngineCore {
  /// Asks JetStream's API.
  func ask<Answer: Decodable>(_ subject: String, _ body: Data = Data()) async throws(Failure) -> Answer {
    try EngineAPI.decode(try await request(body, to: "\(api).\(subject)").value())
  }

  /// The stream of that name; nil where there is none.
  func stream(_ name: String) async throws(Failure) -> FoundStream? {
    guard EngineSubject.isName(name) else {
      throw .malformed("ENGINE_STREAM", field: "stream", "letters, digits, '-' and '_' expected, \(name) found")
    }
    state.withLock { $0.watch.stream = name }
    let answer: StreamAnswer = try await ask("STREAM.INFO.\(name)")
    if answer.error?.isNotFound == true { return nil }
    return try answer.stream(name)
  }
}

/// A stream and its terms as the engine tells them.
struct FoundStream: Sendable {
  let info: StreamInfo
  let configuration: StreamConfiguration

  /// The stream, where its terms are `terms`.
  func checked(against terms: StreamTerms) throws(Failure) -> StreamInfo {
    let differences = StreamConfiguration(terms).differences(from: configuration)
    guard differences.isEmpty else {
      throw Failure(
        .preconditionFailed, "ENGINE_TERMS",
        "stream \(terms.name) is not as agreed: \(differences.joined(separator: "; "))")
    }
    return info
  }
}

/// The answer to STREAM.INFO and STREAM.CREATE.
struct StreamAnswer: Decodable {
  struct Messages: Decodable {
    var bytes: UInt64
    var first_seq: UInt64
    var last_seq: UInt64
  }

  struct Cluster: Decodable {
    /// A server that holds the stream, other than the leader.
    struct Replica: Decodable {
      /// Whether it has all that the leader has.
      var current: Bool
      /// Nanoseconds since the leader heard of it; 0 also where it never did.
      var active: Int64
    }

    var leader: String?
    var replicas: [Replica]?
  }

  var config: StreamConfiguration?
  var created: String?
  var state: Messages?
  var cluster: Cluster?
  var error: EngineAPI.Refusal?

  func stream(_ name: String) throws(Failure) -> FoundStream {
    if let error { throw error.failure }
    guard let config, config.name == name, let state, let created = created.flatMap(EngineAPI.nanoseconds) else {
      throw Failure(.unavailable, "ENGINE_ANSWER", "the engine's answer does not describe stream \(name)")
    }
    let info = StreamInfo(
      name: name, created: created, firstSequence: max(1, state.first_seq), lastSequence: state.last_seq,
      bytes: state.bytes, replicas: config.num_replicas, leader: cluster?.leader)
    return FoundStream(info: info, configuration: config)
  }
}
