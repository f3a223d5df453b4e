import AsyncHTTPClient
import Checkpoints
import Foundation
package import Ledger
package import Logging
import NIOCore
import NIOHTTP1
package import Primitives
package import Queries
import ServiceLifecycle
import Synchronization

/// Asks witnesses from outside to cosign this node's checkpoints, each at its own pace: one that is away delays nothing.
package final class WitnessAsker: Service {
  /// Least time between two requests to a witness.
  package static let interval = Duration.seconds(1)
  /// Longest time between two attempts at a witness that does not answer.
  package static let maxPause = Duration.seconds(60)
  /// Time between two attempts at a witness that refused, which somebody has to look into.
  package static let pauseAfterRefusal = Duration.seconds(60)
  private static let timeoutSeconds: Int64 = 10
  private static let maxConflicts = 3

  /// The log, as far as witnesses are concerned.
  package struct Log: Sendable {
    /// The checkpoint that witnesses are asked to cosign; nil while there is none that will stay.
    package let latest: @Sendable () -> SignedCheckpoint?
    /// The consistency proof from one size to another; not asked for where the first is 0.
    package let proof: @Sendable (UInt64, UInt64) async throws(Failure) -> [Digest]
    /// One element at once and one after each change.
    package let changes: @Sendable () -> AsyncStream<Void>

    /// A log of these answers.
    package init(
      latest: @escaping @Sendable () -> SignedCheckpoint?,
      proof: @escaping @Sendable (UInt64, UInt64) async throws(Failure) -> [Digest],
      changes: @escaping @Sendable () -> AsyncStream<Void>
    ) {
      self.latest = latest
      self.proof = proof
      self.changes = changes
    }
  }

  private let asked: [WitnessFile.Asked]
  private let log: Log
  private let cosignatures: Cosignatures
  private let kept: KeptCosignatures
  private let logger: Logger
  private let now: @Sendable () -> Instant

  /// Asks `asked` about `log`, and publishes what they sign in `cosignatures`, which are theirs; the latest are kept in
  /// `kept` for the next start.
  package init(
    _ asked: [WitnessFile.Asked], about log: Log, cosignatures: Cosignatures, kept: KeptCosignatures, logger: Logger,
    now: @escaping @Sendable () -> Instant
  ) {
    self.asked = asked
    self.log = log
    self.cosignatures = cosignatures
    self.kept = kept
    self.logger = logger
    self.now = now
  }

  /// Runs until a graceful shutdown.
  package func run() async throws {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout = .init(connect: .seconds(Self.timeoutSeconds))
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    await cancelWhenGracefulShutdown {
      await withTaskGroup { group in
        for asked in self.asked { group.addTask { await self.ask(asked, client) } }
      }
    }
    try await client.shutdown()
  }

  private func ask(_ asked: WitnessFile.Asked, _ client: HTTPClient) async {
    var dialogue = WitnessDialogue(with: asked.witness)
    if let size = cosignatures.latestSize(of: asked.witness) { dialogue.resume(from: size) }
    var logger = logger
    logger[metadataKey: "witness"] = "\(asked.witness.name)"
    var said: String?
    var (pause, isFirst) = (Self.interval, true)
    for await _ in log.changes() {
      while !Task.isCancelled, let latest = log.latest(), isFirst || latest.size > dialogue.cosignedSize {
        do throws(Failure) {
          try await cosign(latest, of: asked, &dialogue, client)
          if said != nil { logger.info("witness \(asked.witness.name) cosigns again") }
          (pause, said, isFirst) = (Self.interval, nil, false)
        } catch {
          if Task.isCancelled { return }
          if error.description != said {
            let level: Logger.Level = error.kind == .unavailable ? .warning : .error
            logger.log(level: level, "witness \(asked.witness.name) at \(asked.prefix): \(error)")
          }
          said = error.description
          pause = error.kind == .unavailable ? min(pause * 2, Self.maxPause) : Self.pauseAfterRefusal
        }
        try? await ContinuousClock().sleep(for: pause)
      }
    }
  }

  /// Has a checkpoint cosigned. A witness that goes on from another size than expected is asked again from that.
  private func cosign(
    _ checkpoint: SignedCheckpoint, of asked: WitnessFile.Asked, _ dialogue: inout WitnessDialogue, _ client: HTTPClient
  ) async throws(Failure) {
    let note = try SignedNote(checkpoint.note)
    for _ in 0...Self.maxConflicts {
      let oldSize = dialogue.oldSize <= checkpoint.size ? dialogue.oldSize : 0
      let proof = oldSize == 0 || oldSize == checkpoint.size ? [] : try await log.proof(oldSize, checkpoint.size)
      let request = try WitnessRequest(oldSize: oldSize, proof: proof, note: note)
      let answer = try await Self.send(request, to: asked.prefix, client)
      guard case .cosigned(let signature) = try dialogue.read(answer, to: note, size: checkpoint.size, at: now())
      else { continue }
      cosignatures.add(signature, of: asked.witness, to: checkpoint)
      kept.keep(cosignatures)
      return
    }
    throw Failure(.unavailable, "WITNESS_BUSY", "it names another size every time it is asked")
  }

  private static func send(
    _ request: WitnessRequest, to prefix: String, _ client: HTTPClient
  ) async throws(Failure) -> WitnessDialogue.Answer {
    var http = HTTPClientRequest(url: prefix + "/add-checkpoint")
    http.method = .POST
    http.headers.add(name: "content-type", value: "text/plain; charset=utf-8")
    http.body = .bytes(ByteBuffer(string: request.description))
    do {
      let response = try await client.execute(http, timeout: .seconds(timeoutSeconds))
      let body = try await response.body.collect(upTo: SignedNote.maxByteCount)
      return WitnessDialogue.Answer(
        status: Int(response.status.code), type: response.headers.first(name: "content-type") ?? "",
        body: String(buffer: body))
    } catch {
      throw Failure(.unavailable, "WITNESS_AWAY", "no answer: \(error)")
    }
  }
}
