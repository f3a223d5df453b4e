package import FoundationEssentials
package import Primitives
import SwiftProtobuf
package import Wire

/// A batch that is signed and has no receipt yet.
package struct PendingBatch: Sendable {
  /// The author's sequence number.
  package let sequence: UInt64
  /// The serialized `Batch`, as it was signed.
  package let bytes: Data

  /// The batch itself.
  package func batch() throws(Failure) -> Cairn_V1_Batch {
    do { return try Cairn_V1_Batch(serializedBytes: bytes) } catch {
      throw Failure(.corrupt, "OUTBOX_UNUSABLE", "batch \(sequence) in the outbox is no batch any more")
    }
  }
}

/// What a batch is to be made of.
package struct BatchDraft: Sendable {
  /// Serialized records, 1 to 10,000.
  package var records: [Data]
  /// The author's clock.
  package var createdAt: Instant
  /// How far that clock can be trusted.
  package var clockQuality: Cairn_V1_ClockQuality
  /// What a bad record does to the others.
  package var onError: Cairn_V1_OnError
  /// The file that the records were read from, and how far this batch brings it.
  package var source: SourceMark?

  /// A batch of `records`.
  package init(
    records: [Data], createdAt: Instant, clockQuality: Cairn_V1_ClockQuality = .unknown,
    onError: Cairn_V1_OnError = .rejectBatch, source: SourceMark? = nil
  ) {
    self.records = records
    self.createdAt = createdAt
    self.clockQuality = clockQuality
    self.onError = onError
    self.source = source
  }
}

/// A place in a source file.
package struct SourceMark: Hashable, Sendable {
  /// SHA-256 of the file.
  package var digest: Digest
  /// What the file is called, for people.
  package var name: String
  /// Events in the file, good or bad.
  package var eventCount: Int
  /// Events up to this mark.
  package var eventsDone: Int

  /// The place behind the first `eventsDone` events of a file.
  package init(digest: Digest, name: String, eventCount: Int, eventsDone: Int) {
    self.digest = digest
    self.name = name
    self.eventCount = eventCount
    self.eventsDone = eventsDone
  }
}

/// What is known of a source file.
package struct SourceProgress: Hashable, Sendable {
  /// Events that are in a batch.
  package var eventsDone: Int
  /// Log positions of the batches that have a receipt; nil before the first.
  package var positions: ClosedRange<UInt64>?

  /// So much, at these positions.
  package init(eventsDone: Int, positions: ClosedRange<UInt64>?) {
    self.eventsDone = eventsDone
    self.positions = positions
  }
}
