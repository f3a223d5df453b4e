import Foundation
import GRPCCore
import SwiftProtobuf
import Synchronization
import Wire
import WireRPC

extension Connection {
  /// Sends every message over one `SubmitStream`; milliseconds from handing over each to its receipt, which must say FINAL.
  func streamToFinal(_ messages: [Message]) async throws -> [Double] {
    let sent = Mutex<[ContinuousClock.Instant]>([])
    let request = StreamingClientRequest(of: Message.self) { writer in
      for message in messages {
        sent.withLock { $0.append(.now) }
        try await writer.write(message)
      }
    }
    let latencies = try await client.bidirectionalStreaming(
      request: request, descriptor: Cairn_V1_LedgerService.Method.SubmitStream.descriptor,
      serializer: Serialized(), deserializer: FinalReceipt(), options: Self.options
    ) { response in
      try await response.messages.reduce(into: [Double]()) { latencies, _ in
        latencies.append((.now - sent.withLock { $0[latencies.count] }) / .milliseconds(1))
      }
    }
    guard latencies.count == messages.count else {
      throw BenchError("\(latencies.count) receipts came for \(messages.count) batches")
    }
    return latencies
  }

  /// Sends the messages one after the other with `Submit`; milliseconds until each was FINAL.
  func submitToFinal(_ messages: [Message]) async throws -> [Double] {
    var latencies: [Double] = []
    for message in messages {
      let start = ContinuousClock.now
      try await client.unary(
        request: ClientRequest(message: message), descriptor: Cairn_V1_LedgerService.Method.Submit.descriptor,
        serializer: Serialized(), deserializer: FinalReceipt(), options: Self.options
      ) { try $0.message }
      latencies.append((.now - start) / .milliseconds(1))
    }
    return latencies
  }
}

/// Makes sure that an answer is a receipt that says FINAL; SubmitResponse and SubmitStreamResponse begin alike.
private struct FinalReceipt: GRPCCore.MessageDeserializer {
  func deserialize<Contents: GRPCContiguousBytes>(_ bytes: Contents) throws {
    let answer = try Cairn_V1_SubmitStreamResponse(serializedBytes: bytes.withUnsafeBytes { Array($0) })
    switch answer.result {
    case .receipt(let receipt) where receipt.finality == .final: return
    case .receipt(let receipt): throw BenchError("a batch is \(receipt.finality), not FINAL, after the longest wait")
    case .error(let error): throw BenchError("a batch was refused: \(error.reason): \(error.message)")
    case nil: throw BenchError("an answer is no receipt")
    }
  }
}
