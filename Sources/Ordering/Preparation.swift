import Consensus
import Consortium
import Engine
import Foundation
import Ledger
import Primitives
import Signing
import Wire

/// A message of the stream, parsed, and checked as far as that does not depend on its place.
struct PreparedMessage: Sendable {
  enum Item: Sendable {
    case batch(Candidate)
    case mark(SignedMark, VerifiedMark?)
    case opening(EpochOpening)
    case unreadable(Failure)
  }

  let sequence: UInt64
  /// When the engine stored it, nanoseconds by the engine's clock.
  let stored: Int64
  let item: Item
}

/// A batch that awaits its place.
struct Candidate: Sendable {
  let batch: Cairn_V1_Batch
  /// SHA-256 of its header.
  let digest: Digest
  let admission: Result<AdmittedBatch, Failure>

  /// The batch as its place finds it. Keys are only ever added, so where one was unknown it is looked up again, and what was
  /// right before is right here.
  func admitted(by admission: Admission, _ directory: Directory) throws(Failure) -> AdmittedBatch {
    guard case .failure(let failure) = self.admission, failure.reason == "UNKNOWN_KEY" else {
      return try self.admission.get()
    }
    return try admission.admit(batch, directory: directory)
  }
}

/// Checks messages before the writer sees them, several at once.
struct Preparation: Sendable {
  let admission: Admission
  let pending: PendingBatches

  /// The messages in their order.
  func prepare(_ messages: [OrderedMessage], _ directory: Directory) async -> [PreparedMessage] {
    let parts = min(ProcessInfo.processInfo.activeProcessorCount, messages.count)
    guard parts > 1 else { return messages.map { prepare($0, directory) } }
    let length = (messages.count + parts - 1) / parts
    return await withTaskGroup(of: (Int, [PreparedMessage]).self) { group in
      for start in stride(from: 0, to: messages.count, by: length) {
        let part = messages[start..<min(start + length, messages.count)]
        group.addTask { (start, part.map { prepare($0, directory) }) }
      }
      var prepared: [(start: Int, messages: [PreparedMessage])] = []
      for await (start, part) in group { prepared.append((start, part)) }
      return prepared.sorted { $0.start < $1.start }.flatMap(\.messages)
    }
  }

  private func prepare(_ message: OrderedMessage, _ directory: Directory) -> PreparedMessage {
    let item: PreparedMessage.Item =
      switch OrderedItem(message.bytes) {
      case .batch(let batch): .batch(candidate(batch, directory))
      case .mark(let mark): .mark(mark, try? mark.verified(by: directory))
      case .opening(let opening): .opening(opening)
      case .unreadable(let failure): .unreadable(failure)
      }
    return PreparedMessage(sequence: message.sequence, stored: message.stored, item: item)
  }

  /// What this node admitted itself, and has come back unchanged, need not be checked twice.
  private func candidate(_ batch: Cairn_V1_Batch, _ directory: Directory) -> Candidate {
    let digest = SHA256.hash(batch.header)
    if let own = pending.admitted(digest), own.records == batch.records, own.signature == batch.signature.value,
      own.suite.wire == batch.signature.suite
    {
      return Candidate(batch: batch, digest: digest, admission: .success(own))
    }
    let admission: Result<AdmittedBatch, Failure>
    do throws(Failure) { admission = .success(try self.admission.admit(batch, directory: directory)) } catch {
      admission = .failure(error)
    }
    return Candidate(batch: batch, digest: digest, admission: admission)
  }
}
