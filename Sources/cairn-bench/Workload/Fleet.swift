import Foundation
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// The authors: keys that sign batches in turn, each its own chain of headers.
struct Fleet {
  private var authors: [BatchBuilder]
  private let keys: [PrivateKey]
  private let member: String
  private var turn = 0

  /// So many keys of a member that have written nothing yet.
  init(of keyCount: Int, member: String = ServerProcess.member, ledgerID: Digest) throws {
    let keys = try (0..<keyCount).map { _ in try PrivateKey.generate(.ed25519) }
    self.keys = keys
    self.member = member
    authors = keys.map { BatchBuilder(key: $0, ledgerID: ledgerID) }
  }

  /// What an admin must sign before these authors may write.
  func registrations() throws -> [Data] {
    try keys.enumerated().map { number, key in
      let registration = Cairn_V1_RegisterKey.with {
        $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
        $0.memberID = member
        $0.roles = [.device]
        $0.label = "scanner \(number)"
      }
      let salt = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
      return try BatchBuilder.serialize(Cairn_V1_Record(change: .registerKey(registration), salt: salt))
    }
  }

  /// Signs the next `events` events in batches and deals them out to lanes; an author's batches stay in one lane, in order.
  mutating func lanes(
    _ events: Int, from chain: inout SupplyChain, for load: Load, waitFor: Cairn_V1_Finality = .anchored
  ) throws -> [[Message]] {
    var lanes = [[Message]](repeating: [], count: load.lanes)
    for start in stride(from: 0, to: events, by: load.batchSize) {
      let records = try (start..<min(start + load.batchSize, events)).map { _ in try chain.next() }
      let author = turn % keys.count
      turn += 1
      let batch = try authors[author].batch(records, createdAt: .now, clockQuality: .ntp)
      lanes[author % load.lanes].append(try Message(batch, waitFor: waitFor))
    }
    return lanes
  }
}

/// A request as it goes over the wire, serialized before the clock starts: SubmitRequest and SubmitStreamRequest have the
/// same fields.
struct Message: Sendable {
  let bytes: [UInt8]

  init(_ batch: Cairn_V1_Batch, waitFor: Cairn_V1_Finality = .anchored) throws {
    let request = Cairn_V1_SubmitStreamRequest.with {
      $0.batch = batch
      $0.waitFor = waitFor
    }
    bytes = try request.serializedBytes()
  }
}

extension Instant {
  /// The system's clock.
  static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}
