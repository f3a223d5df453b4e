package import FoundationEssentials
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// How a ledger begins.
package enum Genesis {
  /// The checkpoint origin of a ledger: its name and its id, so that a policy pins both.
  package static func origin(name: String, ledgerID: Digest) -> String { "\(name)/\(ledgerID)" }

  /// The batch that founds a ledger, signed by one of its ADMIN keys. `salt` is 16 random bytes. The same terms, founder,
  /// salt and time give the same ledger id whoever makes the batch.
  package static func batch(
    _ terms: Cairn_V1_Genesis, founder: PrivateKey, salt: Data, createdAt: Instant
  ) throws(Failure) -> Cairn_V1_Batch {
    try UnsignedGenesis(terms, founder: founder.publicKey.id, salt: salt, createdAt: createdAt).signed(by: founder)
  }

  /// The terms of a ledger with one member, which decides alone: its admin key and its node's log key. `ZZ` states no
  /// country.
  package static func alone(
    name: String, memberID: String, legalName: String? = nil, country: String = "ZZ", admin: PublicKey,
    logKey: PublicKey
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
          $0.legalName = legalName ?? memberID
          $0.country = country
          $0.roles = Cairn_V1_Role.allCases.filter { $0 != .unspecified }
        }
      ]
      $0.keys = [key(admin, .admin, "founding admin"), key(logKey, .node, "log key")]
    }
  }
}

/// A genesis batch that lacks nothing but its founder's signature.
package struct UnsignedGenesis: Sendable {
  private let record: Data
  private let header: Data

  /// What `founder`, one of the ADMIN keys of the terms, is to sign. `salt` is 16 random bytes.
  package init(_ terms: Cairn_V1_Genesis, founder: KeyID, salt: Data, createdAt: Instant) throws(Failure) {
    record = try BatchBuilder.serialize(Cairn_V1_Record(change: .genesis(terms), salt: salt))
    header = try BatchBuilder.header(
      [record], author: founder, ledgerID: nil, chain: AuthorChain(), createdAt: createdAt, clockQuality: .unknown,
      onError: .rejectBatch)
  }

  /// The id of the ledger that it founds: the signature is no part of it.
  package var ledgerID: Digest { SHA256.hash(header) }

  /// The batch, signed now.
  package func signed(by founder: PrivateKey) throws(Failure) -> Cairn_V1_Batch {
    signed(Data(try founder.sign(BatchSignature.message(header))), suite: founder.publicKey.suite)
  }

  /// The batch with a signature that was made before.
  package func signed(_ signature: Data, suite: Suite) -> Cairn_V1_Batch {
    .with {
      $0.header = header
      $0.signature = .with {
        $0.suite = suite.wire
        $0.value = signature
      }
      $0.records = [record]
    }
  }
}
