package import FoundationEssentials
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// How a ledger begins.
package enum Genesis {
  /// The checkpoint origin of a ledger: its name and its id, so that a policy pins both.
  package static func origin(name: String, ledgerID: Digest) -> String { "\(name)/\(ledgerID)" }

  /// The batch that founds a ledger, signed by its first admin. `salt` is 16 random bytes.
  package static func batch(
    name: String, memberID: String, admin: PrivateKey, logKey: PublicKey, salt: Data, createdAt: Instant
  ) throws(Failure) -> Cairn_V1_Batch {
    guard let logKeyBytes = logKey.rawRepresentation else {
      throw Failure(.malformed, "UNSUPPORTED_KEY", "a log key is an Ed25519 key")
    }
    let genesis = Cairn_V1_Genesis.with {
      $0.name = name
      $0.logPublicKey = Data(logKeyBytes)
      $0.admin = .with {
        $0.publicKey = Data(admin.publicKey.subjectPublicKeyInfo)
        $0.memberID = memberID
        $0.role = .admin
        $0.label = "founding admin"
      }
    }
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: .genesis(genesis), salt: salt))
    var builder = BatchBuilder(key: admin, ledgerID: nil)
    return try builder.batch([record], createdAt: createdAt)
  }
}
