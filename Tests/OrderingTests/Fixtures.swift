import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

@testable import Ledger
@testable import Ordering

extension MemberID {
  /// A member of that number.
  static func numbered(_ number: Int) throws -> MemberID {
    guard let id = MemberID("member-\(number)") else {
      throw Failure(.bug, "FIXTURE", "member-\(number) is no member id")
    }
    return id
  }
}

extension Lane {
  /// The way in of the member with that number.
  static func member(_ number: Int) throws -> Lane { Lane(member: try .numbered(number), isAdministrative: false) }
}

extension KeyID {
  /// A key id of that number.
  static func numbered(_ number: UInt8) throws -> KeyID {
    guard let id = KeyID([UInt8](repeating: number, count: 32)) else { throw Failure(.bug, "FIXTURE", "no key id") }
    return id
  }
}

extension Submission {
  /// A batch as the writer sees it, with one record of that size.
  static func sized(_ bytes: Int, sequence: UInt64 = 1, lane: Lane) throws -> Submission {
    let digest = Data(repeating: 7, count: 32)
    let header = Cairn_V1_BatchHeader.with {
      $0.version = 1
      $0.ledgerID = digest
      $0.authorKeyID = digest
      $0.sequence = sequence
      $0.previousHeaderDigest = sequence == 1 ? Data() : digest
      $0.createdAtMicroseconds = 1_790_000_000_000_000
      $0.clockQuality = .ntp
      $0.recordCount = 1
      $0.recordsRoot = digest
      $0.onError = .rejectBatch
    }
    let batch = AdmittedBatch(
      header: try BatchHeader(try header.serializedData()), suite: .ed25519, signature: Data(),
      records: [Data(repeating: 0, count: bytes)], recordIDs: [], postings: [], eventTimes: [], changes: [],
      rejections: [], families: [])
    return Submission(batch: batch, lane: lane)
  }
}
