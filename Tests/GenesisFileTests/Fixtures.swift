import FoundationEssentials
import GenesisFile
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Four organisations about to found a ledger, as they would say it on the command line.
struct Founders {
  let admin: PrivateKey
  var terms: Cairn_V1_Genesis
  let createdAt = Instant(microseconds: 1_795_000_000_250_000)
  let salt = Data(0..<16)

  init(suite: Suite = .ed25519) throws {
    admin = try PrivateKey.generate(suite)
    terms = .with {
      $0.name = "harbour"
      $0.members = ["mill", "carrier", "broker", "retailer"].map { id in
        .with {
          $0.id = id
          $0.legalName = "\(id) Söhne & Co. \"*\": #1"
          $0.country = "NO"
          $0.contact = "desk@\(id).example"
          $0.roles = [.device, .operator, .admin, .node]
        }
      }
    }
    for member in terms.members.map(\.id) {
      let admin = member == "mill" ? admin : try PrivateKey.generate(.ed25519)
      let node = try PrivateKey.generate(.ed25519)
      terms.keys.append(Self.key(admin.publicKey, member, [.admin, .operator]))
      terms.keys.append(Self.key(node.publicKey, member, [.node]))
    }
    terms.keys[7].notBeforeMicroseconds = 1_000_000
    terms.keys[7].notAfterMicroseconds = 4_000_000_000_000_000
  }

  var draft: GenesisFile { GenesisFile(terms, createdAt: createdAt, salt: salt) }

  func signed() throws -> GenesisFile {
    var file = draft
    try file.sign(with: admin)
    return file
  }

  static func key(_ key: PublicKey, _ member: String, _ roles: [Cairn_V1_Role]) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = roles
      $0.label = "\(roles[0]) of \(member)"
    }
  }
}
