package import FoundationEssentials
import Ledger
package import Primitives
import SwiftProtobuf
package import Wire

/// A message of the stream, parsed; what is hostile in it is found here or where it is applied, on every node alike.
package enum OrderedItem: Sendable {
  /// Records to append.
  case batch(Cairn_V1_Batch)
  /// A node's mark.
  case mark(SignedMark)
  /// The beginning of an epoch.
  case opening(EpochOpening)
  /// Nothing that counts, and why.
  case unreadable(Failure)

  /// Parses a message; anything that is not one is `unreadable`.
  package init(_ bytes: Data) {
    do { self = try Self.parse(bytes) } catch { self = .unreadable(error) }
  }

  /// The message that carries a batch; fails with malformed BATCH_SIZE, which states the limit.
  package static func message(_ batch: Cairn_V1_Batch) throws(Failure) -> Data {
    let bytes = try BatchBuilder.serialize(Cairn_V1_EngineMessage.with { $0.batch = batch })
    try requireBatchSize(bytes.count)
    return bytes
  }

  /// The message that carries a mark.
  package static func message(_ mark: SignedMark) throws(Failure) -> Data {
    try BatchBuilder.serialize(Cairn_V1_EngineMessage.with { $0.mark = mark.wire })
  }

  /// The message that opens an epoch; fails with malformed MESSAGE_SIZE.
  package static func message(_ opening: EpochOpening) throws(Failure) -> Data {
    let bytes = try BatchBuilder.serialize(Cairn_V1_EngineMessage.with { $0.opening = opening.wire })
    guard bytes.count <= EngineLimits.messageBytes else { throw tooLong(bytes.count) }
    return bytes
  }

  private static func requireBatchSize(_ messageBytes: Int) throws(Failure) {
    let count = messageBytes - EngineLimits.envelopeBytes
    guard count <= EngineLimits.batchBytes else {
      throw .malformed(
        "BATCH_SIZE", field: "records",
        "\(count) bytes serialized; a batch has at most \(EngineLimits.batchBytes) in consortium mode")
    }
  }

  private static func parse(_ bytes: Data) throws(Failure) -> OrderedItem {
    guard bytes.count <= EngineLimits.messageBytes else { throw tooLong(bytes.count) }
    let wire: Cairn_V1_EngineMessage
    do { wire = try Cairn_V1_EngineMessage(serializedBytes: bytes) } catch {
      throw .malformed("MALFORMED_PROTOBUF", field: "", "not a serialized cairn.v1.EngineMessage")
    }
    switch wire.kind {
    case .batch(let batch):
      try requireBatchSize(bytes.count)
      return .batch(batch)
    case .mark(let mark):
      do { return .mark(try SignedMark(mark)) } catch { throw error.under("mark") }
    case .opening(let opening):
      do { return .opening(try EpochOpening(opening)) } catch { throw error.under("opening") }
    case nil:
      throw .malformed("MISSING_FIELD", field: "", "a batch, a mark or an opening expected")
    }
  }

  private static func tooLong(_ count: Int) -> Failure {
    .malformed("MESSAGE_SIZE", field: "", "\(count) bytes; at most \(EngineLimits.messageBytes)")
  }
}
