import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// A ledger's newest view, as the writer publishes it while keys come and go.
struct TestConsortium {
  static let start = Instant(microseconds: 1_790_000_000_000_000)
  private static let salt = Data(repeating: 7, count: 16)

  let views: PublishedView
  let admin: PrivateKey
  private var state: LedgerState
  private var registrar: BatchBuilder
  private let signer: CheckpointSigner

  init() throws {
    admin = try PrivateKey.generate(.ed25519)
    let log = try PrivateKey.generate(.ed25519)
    let genesis = try Genesis.batch(
      name: "harbour", memberID: "harbour", admin: admin, logKey: log.publicKey, salt: Self.salt, createdAt: Self.start)
    let (admitted, terms) = try Admission.admitGenesis(genesis)
    let (founded, first) = LedgerState.found(admitted, terms, at: Self.start)
    state = founded
    signer = try CheckpointSigner(origin: Genesis.origin(name: "harbour", ledgerID: founded.ledgerID), logKey: log)
    registrar = BatchBuilder(
      key: admin, ledgerID: founded.ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
    views = PublishedView(
      LedgerView(founded, checkpoint: try signer.sign(size: founded.edge.size, root: founded.edge.root)))
  }

  var ledgerID: Digest { state.ledgerID }

  /// The directory that was published last.
  var directory: Directory { views.current.directory }

  /// Registers a fresh key, or this one, and publishes.
  mutating func register(
    _ role: Role, key: PrivateKey? = nil, notBefore: Instant? = nil, notAfter: Instant? = nil
  ) throws -> PrivateKey {
    let key = try key ?? PrivateKey.generate(.ed25519)
    let registration = Cairn_V1_RegisterKey.with {
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.memberID = "acme"
      $0.role = role.wire
      $0.notBeforeMicroseconds = notBefore?.microseconds ?? 0
      $0.notAfterMicroseconds = notAfter?.microseconds ?? 0
    }
    try publish(.registerKey(registration))
    return key
  }

  /// Revokes a key and publishes.
  mutating func revoke(_ key: PrivateKey) throws {
    try publish(.revokeKey(.with { $0.keyID = Data(key.publicKey.id.digest.bytes) }))
  }

  private mutating func publish(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws {
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: Self.salt))
    let batch = try registrar.batch([record], createdAt: Self.start)
    let admitted = try Admission(ledgerID: ledgerID).admit(batch, directory: state.directory)
    _ = try state.apply(admitted, at: Self.start)
    views.publish(LedgerView(state, checkpoint: try signer.sign(size: state.edge.size, root: state.edge.root)))
  }
}
