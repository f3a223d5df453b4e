import Foundation
import Ledger
import Merkle
import Primitives
import SwiftProtobuf
import Synchronization
import Wire

@testable import Peers

/// A peer with an honest log, which a test has say something else.
final class FakePeer: Peer {
  typealias Message = Cairn_V1_ListBatchesResponse

  let name: String
  private let village: Mutex<Village>
  private let status: @Sendable (inout Cairn_V1_GetNodeStatusResponse) throws -> Void
  private let change: @Sendable (inout Message, UInt64) async throws -> Bool
  private let partRecords: Int
  private let place: @Sendable (Village) throws -> Cairn_V1_GetConsensusStateResponse
  private let calls = Mutex<[Range<UInt64>]>([])
  private let away = Mutex(false)

  /// `change` is given each message and the position of its first batch, and says whether to go on after it.
  init(
    _ name: String, _ village: Village, partRecords: Int = 2,
    place: @escaping @Sendable (Village) throws -> Cairn_V1_GetConsensusStateResponse = { _ in throw FakePeer.noEngine
    },
    status: @escaping @Sendable (inout Cairn_V1_GetNodeStatusResponse) throws -> Void = { _ in },
    change: @escaping @Sendable (inout Message, UInt64) async throws -> Bool = { _, _ in true }
  ) {
    self.name = name
    self.village = Mutex(village)
    self.partRecords = partRecords
    self.status = status
    self.place = place
    self.change = change
  }

  /// Whether it answers nothing.
  var isAway: Bool {
    get { away.withLock { $0 } }
    set { away.withLock { $0 = newValue } }
  }

  /// What was asked for.
  var asked: [Range<UInt64>] { calls.withLock { $0 } }

  /// Has the ledger go on.
  func update(_ body: (inout Village) throws -> Void) throws {
    try village.withLock { try body(&$0) }
  }

  func status() async throws(Failure) -> Cairn_V1_GetNodeStatusResponse {
    let village = village.withLock { $0 }
    do {
      var answer = Cairn_V1_GetNodeStatusResponse()
      answer.ledgerID = Data(village.state.ledgerID.bytes)
      answer.certifiedSize = village.state.edge.size
      answer.certifiedNote = try village.note()
      try status(&answer)
      return answer
    } catch let failure as Failure { throw failure } catch { throw Failure(.bug, "TEST", "\(error)") }
  }

  func batches(
    _ positions: Range<UInt64>, _ take: @escaping @Sendable (Message) async throws -> Void
  ) async throws(Failure) {
    calls.withLock { $0.append(positions) }
    let village = village.withLock { $0 }
    do {
      for position in positions where position < village.log.count {
        for var message in Self.messages(village, position, partRecords) {
          let goesOn = try await change(&message, position)
          if !message.parts.isEmpty { try await take(message) }
          if !goesOn { return }
        }
      }
    } catch let failure as Failure { throw failure } catch { throw Failure(.unavailable, "CANCELLED", "\(error)") }
  }

  func consensusState(size: UInt64) async throws(Failure) -> Cairn_V1_GetConsensusStateResponse {
    let village = village.withLock { $0 }
    guard size == village.state.edge.size else { throw Failure(.notFound, "UNKNOWN_CHECKPOINT", "\(size)") }
    do { return try place(village) } catch let failure as Failure { throw failure } catch {
      throw Failure(.bug, "TEST", "\(error)")
    }
  }

  static let noEngine = Failure(.preconditionFailed, "NO_ENGINE", "none")

  func checkpointNote(size: UInt64) async throws(Failure) -> String { "" }

  func consistencyPath(from first: UInt64, to second: UInt64) async throws(Failure) -> [Digest] {
    if isAway { throw Failure(.unavailable, "TEST", "it is away") }
    let leaves = village.withLock { $0.log }.map { MerkleTree.leafHash($0.entry) }
    return try Proof.consistencyPath(first: first, second: second, leaves: leaves)
  }

  /// A batch in messages of so many records.
  private static func messages(_ village: Village, _ position: UInt64, _ size: Int) -> [Message] {
    let batch = village.log[Int(position)]
    let notes = village.claims[position] ?? []
    return stride(from: 0, to: batch.records.count, by: size).map { start in
      let end = min(start + size, batch.records.count)
      return .with {
        $0.parts = [
          .with {
            $0.position = position
            if start == 0 { $0.entry = batch.entry }
            $0.firstIndex = UInt32(start)
            $0.records = Array(batch.records[start..<end])
            $0.erased = notes.filter { (start..<end).contains(Int($0.recordIndex)) }
            $0.more = end < batch.records.count
          }
        ]
      }
    }
  }
}

/// A clock on which every wait is over at once.
struct ImpatientClock: Clock {
  struct Instant: InstantProtocol {
    var offset: Swift.Duration

    func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  var now: Instant { Instant(offset: .zero) }
  var minimumResolution: Swift.Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws { try Task.checkCancellation() }
}
