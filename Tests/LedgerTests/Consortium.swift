import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// A small ledger in memory with one admin and any number of devices, driven as a node drives its own.
struct TestLedger {
  private(set) var state: LedgerState
  private(set) var applied: [AppliedBatch] = []
  var admin: BatchBuilder
  let adminKey: PrivateKey
  let logKey: PrivateKey
  let start = Instant(microseconds: 1_790_000_000_000_000)

  init() throws {
    adminKey = try PrivateKey.generate(.ed25519)
    logKey = try PrivateKey.generate(.ed25519)
    let batch = try Genesis.batch(
      name: "harbour", memberID: "harbour", admin: adminKey, logKey: logKey.publicKey, salt: Self.salt, createdAt: start
    )
    let (admitted, terms) = try Admission.admitGenesis(batch)
    let (state, genesis) = LedgerState.found(admitted, terms, at: start)
    self.state = state
    applied = [genesis]
    admin = BatchBuilder(
      key: adminKey, ledgerID: state.ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: genesis.batch.header.digest))
  }

  static let salt = Data(repeating: 7, count: 16)

  /// Admits and applies a batch as the next entry.
  @discardableResult
  mutating func submit(_ batch: Cairn_V1_Batch, at seconds: Int64 = 1) throws(Failure) -> LedgerState.Outcome {
    let admitted = try Admission(ledgerID: state.ledgerID).admit(batch, directory: state.directory)
    let outcome = try state.apply(admitted, at: Instant(microseconds: start.microseconds + seconds * 1_000_000))
    if case .appended(let batch) = outcome { applied.append(batch) }
    return outcome
  }

  /// Registers a fresh key and gives its author.
  mutating func register(
    _ role: Cairn_V1_Role = .device, suite: Suite = .ed25519, notAfter: Int64 = 0
  ) throws -> BatchBuilder {
    let key = try PrivateKey.generate(suite)
    try submit(try admin.batch([try Self.registration(of: key.publicKey, role, notAfter: notAfter)], createdAt: start))
    return BatchBuilder(key: key, ledgerID: state.ledgerID)
  }

  /// A record that registers a key.
  static func registration(of key: PublicKey, _ role: Cairn_V1_Role, notAfter: Int64 = 0) throws -> Data {
    let change = Cairn_V1_RegisterKey.with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = "acme"
      $0.role = role
      $0.notAfterMicroseconds = notAfter
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(change: .registerKey(change), salt: salt))
  }

  /// A valid record about the bottle of that serial number.
  static func sighting(_ serial: Int, item: String? = nil) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64(serial)
      $0.epcList.items = [item ?? "https://id.gs1.org/01/09521321000018/21/B\(serial)"]
      $0.bizStep = "shipping"
      $0.readPoint.id = "https://id.gs1.org/414/9521321000001"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }
}
