package import FoundationEssentials
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// How a ledger begins.
package enum Genesis {
  /// The checkpoint origin of a ledger: its name and its id, so that a policy pins both.
  package static func origin(name: String, ledgerID: Digest) -> String { "\(name)/\(ledgerID)" }

  /// The batch that founds a ledger, signed by one of its ADMIN keys. `salt` is 16 random bytes. The same terms, salt and
  /// time give the same ledger id whoever makes the batch.
  package static func batch(
    _ genesis: Cairn_V1_Genesis, founder: PrivateKey, salt: Data, createdAt: Instant
  ) throws(Failure) -> Cairn_V1_Batch {
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: .genesis(genesis), salt: salt))
    var builder = BatchBuilder(key: founder, ledgerID: nil)
    return try builder.batch([record], createdAt: createdAt)
  }

  /// The terms of a ledger with one member, which decides alone: its admin key and its node's log key.
  package static func alone(
    name: String, memberID: String, admin: PublicKey, logKey: PublicKey
  ) -> Cairn_V1_Genesis {
    func key(_ key: PublicKey, _ role: Cairn_V1_Role, _ label: String) -> Cairn_V1_RegisterKey {
      .with {
        $0.publicKey = Data(key.subjectPublicKeyInfo)
        $0.memberID = memberID
        $0.roles = [role]
        $0.label = label
      }
    }
    return .with {
      $0.name = name
      $0.members = [
        .with {
          $0.id = memberID
          $0.legalName = memberID
          $0.country = "ZZ"
          $0.roles = Cairn_V1_Role.allCases.filter { $0 != .unspecified }
        }
      ]
      $0.keys = [key(admin, .admin, "founding admin"), key(logKey, .node, "log key")]
    }
  }
}
