import Foundation
import Primitives

/// JetStream's requests and answers: JSON in messages.
enum EngineAPI {
  /// What JetStream says where it refuses.
  struct Refusal: Decodable, Sendable {
    var code: Int
    var err_code: Int?
    var description: String?

    /// Its numbers for what we tell apart (nats-server's errors.json).
    var isNotFound: Bool { err_code == 10059 }
    var isNameTaken: Bool { err_code == 10058 }

    private var isAway: Bool { [503, 500, 408].contains(code) }
    private var text: String { "\(description ?? "no reason given") (\(err_code ?? code))" }

    /// The failure of a message. Where a refusal does not say that it is not recorded, it may have been: under way to a majority
    /// that is lost, say, when its id is given again (10158). To take that for a refusal would let its author use its number twice.
    func failure(publishingTo stream: String) -> Failure {
      switch err_code {
      case 10077, 10047, 10023, 10028, 10002:
        Failure(
          .unavailable, "ENGINE_FULL", "the engine has no room for more messages: \(text)",
          retryAfterMilliseconds: 60_000)
      case 10054: .engineMessageTooLarge(text)
      case 10060: .engineRefused("the subject is not recorded by \(stream): \(text)")
      default: isAway ? failure : .engineTimeout(text)
      }
    }

    /// The failure of any other request.
    var failure: Failure {
      switch code {
      case _ where isAway: .engineAway(text)
      case 404: Failure(.notFound, "ENGINE_NO_STREAM", "the engine does not have it: \(text)")
      default: .engineRefused(text)
      }
    }
  }

  /// Reads an answer of the engine; ENGINE_ANSWER where it is none.
  static func decode<Answer: Decodable>(_ bytes: Data) throws(Failure) -> Answer {
    do { return try JSONDecoder().decode(Answer.self, from: bytes) } catch {
      throw Failure(.unavailable, "ENGINE_ANSWER", "the engine's answer cannot be read: \(error)")
    }
  }

  static func encode(_ request: some Encodable) throws(Failure) -> Data {
    do { return try JSONEncoder().encode(request) } catch {
      throw Failure(.bug, "ENGINE_REQUEST", "a request to the engine cannot be written: \(error)")
    }
  }

  /// Nanoseconds since the Unix epoch of an RFC 3339 time in UTC with up to nine fraction digits; nil for anything else.
  static func nanoseconds(_ text: String) -> Int64? {
    guard text.hasSuffix("Z") else { return nil }
    let parts = text.dropLast().split(separator: ".", maxSplits: 1)
    guard let first = parts.first, let date = try? Date("\(first)Z", strategy: .iso8601) else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.utf8.count <= 9, fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let digits = fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
    let seconds = date.timeIntervalSince1970
    guard abs(seconds) < 9_000_000_000, let nanoseconds = Int64(digits) else { return nil }
    return Int64(seconds.rounded()) * 1_000_000_000 + nanoseconds
  }
}
