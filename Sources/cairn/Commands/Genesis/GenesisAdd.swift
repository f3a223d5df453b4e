import ArgumentParser
import GenesisFile
import Primitives
import Wire

extension GenesisCommand {
  /// `cairn genesis add`
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a member with its public keys, or further keys of a member that is there.",
      discussion: "The file is a draft again afterwards: whoever signed it signs anew.")

    @Option(name: .customLong("file"), help: "The file to add to.", completion: .file())
    var file = "genesis.yaml"

    @OptionGroup var new: MemberOptions

    func run() throws {
      var genesis = try GenesisCommand.read(file)
      let keys = try new.keys()
      guard !keys.isEmpty else {
        throw Failure(
          .malformed, "NO_KEYS",
          "name at least one public key of \(new.id) with --admin or --node; it makes them with "
            + "`cairn keygen` and sends the .pub files")
      }
      try genesis.amend { terms throws(Failure) in
        if !terms.members.contains(where: { $0.id == new.id }) { terms.members.append(new.member) }
        terms.keys += keys
      }
      try Files.replace(file, Array(try genesis.yaml.utf8))
      try GenesisCommand.sayNext(genesis, file)
    }
  }

  /// `cairn genesis sign`
  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign the terms as the founding admin.",
      discussion: "The key must be one of the admin keys in the file. All rules are checked before it signs.")

    @OptionGroup var signer: SigningKey

    @Argument(help: "The file.", completion: .file())
    var file = "genesis.yaml"

    func run() throws {
      var genesis = try GenesisCommand.read(file)
      let key = try signer.load()
      try genesis.sign(with: key)
      try GenesisCommand.founded(genesis, file)
      try Files.replace(file, Array(try genesis.yaml.utf8))
      try GenesisCommand.sayNext(genesis, file)
    }
  }
}
