import ArgumentParser
import Client
import Consortium
import EPCIS
import Primitives
import Signing
import SwiftProtobuf
import Synchronization
import Terminal
import Wire

extension KeyCommand {
  /// `cairn key enrol`
  struct Enrol: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Register many keys of your own member at once.",
      discussion: """
        SOURCE is a folder of public keys, each labelled with its file's name up to the first dot, or a CSV file with the \
        columns public_key (the SubjectPublicKeyInfo in base64) and label, and perhaps valid_from and valid_until. Keys that are \
        registered already are passed over, so the same command may be given again after an interruption.
        """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey

    @Argument(help: "CSV file, or folder with .pub files.", completion: .file())
    var source: String

    @Option(help: ArgumentHelp("What the keys may do, not admin or node; may be repeated.", valueName: "role"))
    var role: [Role] = [.device]

    @Option(
      help: ArgumentHelp("Valid before this time, or for example 365d, where the CSV does not say.", valueName: "time"))
    var validUntil: Deadline?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
      guard Set(role).isDisjoint(with: [.admin, .node]) else {
        throw ValidationError("the members vote on admin and node keys, one by one: cairn key register")
      }
    }

    func run() async throws {
      let admin = try signer.load()
      let list = try EnrolmentList(source)
      let result = try await connection.withConnection { connection in
        let governance = try await Governance(connection, key: admin)
        try await governance.finishBacklog()
        var known: Set<KeyID> = []
        try await connection.keys(.with { $0.memberID = governance.memberID }) { key in
          if let id = KeyID(key.keyID) { known.insert(id) }
        }
        let fresh = list.keys.filter { !known.contains($0.key.id) }
        try await enrol(fresh, governance)
        return (member: governance.memberID, enrolled: fresh.count)
      }
      let skipped = list.keys.count - result.enrolled
      if json {
        let document = JSONValue.object([
          .init("memberId", .text(result.member)), .init("enrolled", .number(result.enrolled)),
          .init("registeredBefore", .number(skipped)), .init("repeated", .number(list.repeated)),
        ])
        return Console.output.write(JSONWriter.pretty(document))
      }
      Console.output.line("enrolled \(result.enrolled.counted("key")) for \(result.member.visible)")
      if skipped > 0 { Console.output.line("\(skipped.grouped) were registered before") }
      if list.repeated > 0 { Console.output.line("\(list.repeated.grouped) stand in \(source.visible) more than once") }
    }

    private func enrol(_ keys: [EnrolmentList.Entry], _ governance: Governance) async throws(Failure) {
      let end = validUntil?.instant(from: .now)
      let changes = keys.map { entry in
        Cairn_V1_ConsortiumRecord.OneOf_Change.registerKey(
          .with {
            $0 = entry.registration
            $0.memberID = governance.memberID
            $0.roles = role.map(\.wire)
            if let end, $0.notAfterMicroseconds == 0 { $0.notAfterMicroseconds = end.microseconds }
          })
      }
      let display = ProgressDisplay(ProgressBar(unit: "keys", total: changes.count), on: .messages)
      defer { display.finish() }
      try await governance.record(changes) { display.advance(by: $0) }
    }
  }
}
