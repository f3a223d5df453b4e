import ArgumentParser
import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// What is to be known of a new member.
struct MemberOptions: ParsableArguments {
  /// Roles that a member has if nobody says otherwise: it records, reads, and takes part in decisions.
  static let usualRoles: [Role] = [.device, .operator, .partner, .admin, .node]

  @Argument(help: "Its name in the ledger: a-z, 0-9, '.' and '-'. Never given to another.")
  var id: String

  @Option(help: ArgumentHelp("Its registered name.", valueName: "text"))
  var legalName: String

  @Option(help: ArgumentHelp("Where it is registered: ISO 3166-1 alpha-2, for example CN.", valueName: "code"))
  var country: String

  @Option(help: ArgumentHelp("Its Legal Entity Identifier (ISO 17442), if it has one.", valueName: "lei"))
  var lei = ""

  @Option(help: ArgumentHelp("How people reach it: e-mail address, telephone number or URL.", valueName: "text"))
  var contact = ""

  @Option(
    help: ArgumentHelp(
      "A role its keys may have; may be repeated. Without it: device, operator, partner, admin, node.",
      valueName: "role"))
  var role: [Role] = []

  @Option(
    help: ArgumentHelp("The public half of an admin key of it; may be repeated.", valueName: "file.pub"),
    completion: .file())
  var admin: [String] = []

  @Option(
    help: ArgumentHelp("The public half of its node's key, Ed25519; may be repeated.", valueName: "file.pub"),
    completion: .file())
  var node: [String] = []

  /// The member.
  var member: Cairn_V1_Member {
    .with {
      $0.id = id
      $0.legalName = legalName
      $0.country = country
      $0.lei = lei
      $0.contact = contact
      $0.roles = (role.isEmpty ? Self.usualRoles : role).map(\.wire)
    }
  }

  /// Its first keys.
  func keys() throws(Failure) -> [Cairn_V1_RegisterKey] {
    var keys: [Cairn_V1_RegisterKey] = []
    for file in admin { keys.append(Self.registration(try KeyFile.publicKey(file), of: id, as: .admin)) }
    for file in node { keys.append(Self.registration(try KeyFile.publicKey(file), of: id, as: .node)) }
    return keys
  }

  /// A key of a member with one role, without end.
  static func registration(_ key: PublicKey, of member: String, as role: Role) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = [role.wire]
      $0.label = role.rawValue
    }
  }
}
