import GRPCCore
import SwiftProtobuf
import Wire

/// Sends bytes that are serialized already.
struct Serialized: GRPCCore.MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) throws -> Bytes { Bytes(message.bytes) }
}

/// Takes an answer as bytes.
struct Bytes: GRPCCore.MessageDeserializer {
  func deserialize<Contents: GRPCContiguousBytes>(_ bytes: Contents) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

/// Makes sure that an answer is a receipt, by its first byte; decodes only what is none.
struct ReceiptCheck: GRPCCore.MessageDeserializer {
  /// Field 1, length-delimited: `receipt` in SubmitResponse and in SubmitStreamResponse.
  private static let receiptTag: UInt8 = 0x0a

  func deserialize<Contents: GRPCContiguousBytes>(_ bytes: Contents) throws {
    let contents = bytes.withUnsafeBytes { $0.first == Self.receiptTag ? nil : Array($0) }
    guard let contents else { return }
    let error = try Cairn_V1_SubmitStreamResponse(serializedBytes: contents).error
    throw BenchError("a batch was refused: \(error.reason): \(error.message)")
  }
}
