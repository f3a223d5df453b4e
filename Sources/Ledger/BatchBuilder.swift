package import FoundationEssentials
import Merkle
package import Primitives
package import Signing
package import SwiftProtobuf
package import Wire

/// Makes an author's next batch: what a scanner does.
package struct BatchBuilder: Sendable {
  private let key: PrivateKey
  private let ledgerID: Digest?
  /// Where the author's chain stands; grows with every batch made.
  package private(set) var chain: AuthorChain

  /// An author that goes on where `chain` stands. Without a ledger id it makes a genesis batch.
  package init(key: PrivateKey, ledgerID: Digest?, chain: AuthorChain = AuthorChain()) {
    self.key = key
    self.ledgerID = ledgerID
    self.chain = chain
  }

  /// Signs serialized records as the next batch. At most 10,000 records and 4 MiB; the ledger refuses more.
  package mutating func batch(
    _ records: [Data], createdAt: Instant, clockQuality: Cairn_V1_ClockQuality = .unknown,
    onError: Cairn_V1_OnError = .rejectBatch
  ) throws(Failure) -> Cairn_V1_Batch {
    let header = try Self.header(
      records, author: key.publicKey.id, ledgerID: ledgerID, chain: chain, createdAt: createdAt,
      clockQuality: clockQuality, onError: onError)
    let signature = try key.sign(BatchSignature.message(header))
    chain = AuthorChain(nextSequence: chain.nextSequence + 1, lastDigest: SHA256.hash(header))
    return .with {
      $0.header = header
      $0.signature = .with {
        $0.suite = key.publicKey.suite.wire
        $0.value = Data(signature)
      }
      $0.records = records
    }
  }

  /// The header that an author signs over `records`.
  static func header(
    _ records: [Data], author: KeyID, ledgerID: Digest?, chain: AuthorChain, createdAt: Instant,
    clockQuality: Cairn_V1_ClockQuality, onError: Cairn_V1_OnError
  ) throws(Failure) -> Data {
    try serialize(
      Cairn_V1_BatchHeader.with {
        $0.version = BatchHeader.version
        $0.ledgerID = ledgerID.map { Data($0.bytes) } ?? Data()
        $0.authorKeyID = Data(author.digest.bytes)
        $0.sequence = chain.nextSequence
        $0.previousHeaderDigest = chain.lastDigest.map { Data($0.bytes) } ?? Data()
        $0.createdAtMicroseconds = createdAt.microseconds
        $0.clockQuality = clockQuality
        $0.recordCount = UInt32(records.count)
        $0.recordsRoot = Data(MerkleTree.root(records.map { MerkleTree.leafHash($0) }).bytes)
        $0.onError = onError
      })
  }

  /// Serializes a message that this process made itself.
  package static func serialize(_ message: some SwiftProtobuf.Message) throws(Failure) -> Data {
    do { return try message.serializedBytes() } catch {
      throw Failure(.bug, "SERIALIZATION_FAILED", "\(type(of: message)) could not be serialized: \(error)")
    }
  }
}

extension Cairn_V1_Record {
  /// A record around an event, for every member unless `visibility` says otherwise. The salt is 16 fresh random bytes.
  package init(event: Cairn_V1_Event, salt: Data, visibility: Cairn_V1_Visibility? = nil) {
    self = .with {
      $0.salt = salt
      $0.provenance = .with { $0.event = event }
      if let visibility { $0.visibility = visibility }
    }
  }

  /// A record around a description, for every member unless `visibility` says otherwise. The salt is 16 fresh random bytes.
  package init(masterData: Cairn_V1_MasterData, salt: Data, visibility: Cairn_V1_Visibility? = nil) {
    self = .with {
      $0.salt = salt
      $0.provenance = .with { $0.masterData = masterData }
      if let visibility { $0.visibility = visibility }
    }
  }

  /// A record around a consortium change. The salt is 16 fresh random bytes.
  package init(change: Cairn_V1_ConsortiumRecord.OneOf_Change, salt: Data) {
    self = .with {
      $0.salt = salt
      $0.consortium = .with { $0.change = change }
    }
  }
}
