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

  /// One member, "harbour", whose admin decides alone.
  init() throws {
    admin = try PrivateKey.generate(.ed25519)
    let log = try PrivateKey.generate(.ed25519)
    let genesis = try Genesis.batch(
      Genesis.alone(name: "harbour", memberID: "harbour", admin: admin.publicKey, logKey: log.publicKey),
      founder: admin, salt: Self.salt, createdAt: Self.start)
    let (admitted, terms) = try Admission.admitGenesis(genesis)
    let (founded, first) = try LedgerState.found(admitted, terms)
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

  /// Registers a fresh key of the member, and publishes.
  mutating func register(_ role: Role, notBefore: Instant? = nil, notAfter: Instant? = nil) throws -> PrivateKey {
    let key = try PrivateKey.generate(.ed25519)
    try publish(
      .registerKey(
        .with {
          $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
          $0.memberID = "harbour"
          $0.roles = [role.wire]
          $0.notBeforeMicroseconds = notBefore?.microseconds ?? 0
          $0.notAfterMicroseconds = notAfter?.microseconds ?? 0
        }))
    return key
  }

  /// Revokes a key and publishes.
  mutating func revoke(_ key: PrivateKey) throws {
    try publish(.revokeKey(.with { $0.keyID = Data(key.publicKey.id.digest.bytes) }))
  }

  /// Puts another key in the place of one, which ends at that time, and publishes.
  mutating func rotate(_ key: PrivateKey, until end: Instant) throws {
    let successor = try PrivateKey.generate(.ed25519)
    try publish(
      .rotateKey(
        .with {
          $0.keyID = Data(key.publicKey.id.digest.bytes)
          $0.publicKey = Data(successor.publicKey.subjectPublicKeyInfo)
          $0.overlapUntilMicroseconds = end.microseconds
        }))
  }

  /// Proposes what takes effect at once, since the member decides alone, and publishes.
  mutating func decide(_ action: Cairn_V1_Proposal.OneOf_Action) throws {
    try publish(
      .propose(
        .with {
          $0.action = action
          $0.reason = "a test"
          $0.expiresAtMicroseconds = Self.start.microseconds + 3_600_000_000
        }))
  }

  private mutating func publish(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws {
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: Self.salt))
    let batch = try registrar.batch([record], createdAt: Self.start)
    let admitted = try Admission(ledgerID: ledgerID).admit(batch, directory: state.directory)
    let time = Instant(microseconds: state.lastLedgerTime.microseconds + 1)
    _ = try state.apply(admitted, at: time) { _ in true }
    views.publish(LedgerView(state, checkpoint: try signer.sign(size: state.edge.size, root: state.edge.root)))
  }
}
