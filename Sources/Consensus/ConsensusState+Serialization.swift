package import FoundationEssentials
import Ledger
package import Primitives
import SwiftProtobuf
import Wire

extension ConsensusState {
  /// The canonical form, at most 1 MiB: equal states have equal bytes.
  package var serialized: Data {
    get throws(Failure) {
      let clocks = clocks.sorted { $0.key.description < $1.key.description }
      let marks = marks.sorted { $0.key < $1.key }
      return try BatchBuilder.serialize(
        Cairn_V1_OrderState.with {
          $0.version = 1
          $0.epoch = epoch
          $0.checkpointSize = checkpointSize
          $0.clocks = clocks.map { member, clock in
            .with {
              $0.memberID = member.description
              $0.clockMicroseconds = clock.microseconds
            }
          }
          $0.marks = marks.map { key, number in
            .with {
              $0.keyID = Data(key.digest.bytes)
              $0.number = number
            }
          }
        })
    }
  }

  /// Takes the canonical form and no other; fails with corrupt MALFORMED_STATE.
  package init(_ bytes: Data) throws(Failure) {
    guard bytes.count <= EngineLimits.stateBytes, let wire = try? Cairn_V1_OrderState(serializedBytes: bytes),
      wire.version == 1, (1...UInt64(Int64.max)).contains(wire.epoch), wire.checkpointSize <= UInt64(Int64.max),
      wire.clocks.count <= EngineLimits.stateEntries, wire.marks.count <= EngineLimits.stateEntries
    else { throw Self.malformed }
    var clocks: [MemberID: Instant] = [:]
    for clock in wire.clocks {
      guard let member = MemberID(clock.memberID) else { throw Self.malformed }
      clocks[member] = Instant(microseconds: clock.clockMicroseconds)
    }
    var marks: [KeyID: UInt64] = [:]
    for mark in wire.marks {
      guard let key = KeyID(mark.keyID), (1...UInt64(Int64.max)).contains(mark.number) else { throw Self.malformed }
      marks[key] = mark.number
    }
    self.init(epoch: wire.epoch, clocks: clocks, marks: marks, checkpointSize: wire.checkpointSize)
    guard try serialized == bytes else { throw Self.malformed }
  }

  private static var malformed: Failure {
    Failure(
      .corrupt, "MALFORMED_STATE",
      "the state of the order is not the canonical form of a cairn.v1.OrderState, version 1")
  }
}
