import ArgumentParser
import Client
import EPCIS
import GenesisFile
import Primitives
import Terminal
import Wire

extension GenesisCommand {
  /// `cairn genesis show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the terms of a file, or those on which a server's ledger was founded.",
      discussion: "--yaml prints the file itself, also of a ledger whose file was lost.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The file; without it the server is asked.", completion: .file())
    var file: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print the file.")
    var yaml = false

    func run() async throws {
      let genesis =
        if let file { try GenesisCommand.read(file) } else { try await served() }
      if yaml { return Console.output.write(Array(try genesis.yaml.utf8)) }
      let words = try GenesisWords(genesis)
      if json { return Console.output.write(JSONWriter.pretty(words.json)) }
      words.print()
    }

    /// The terms in the log's first entry, checked against the ledger's id.
    private func served() async throws(Failure) -> GenesisFile {
      try await connection.withConnection { connection in
        let evidence = try await connection.evidence(of: .recordPosition(Cairn_V1_RecordPosition()))
        guard let proof = evidence.proofs.first else {
          throw Failure(.corrupt, "NO_GENESIS", "the server did not prove the first record")
        }
        let genesis = try GenesisFile(foundedBy: proof)
        _ = try genesis.founded()
        let ledgerID = try await connection.ledgerID()
        guard try genesis.ledgerID == ledgerID else {
          throw Failure(.corrupt, "WRONG_LEDGER", "the first record founds another ledger than \(ledgerID)")
        }
        return genesis
      }
    }
  }

  /// `cairn genesis verify`
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that a file founds a ledger: every rule, and the founder's signature.")

    @Argument(help: "The file.", completion: .file())
    var file = "genesis.yaml"

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let genesis = try GenesisCommand.read(file)
      try GenesisCommand.founded(genesis, file)
      let words = try GenesisWords(genesis)
      if json { return Console.output.write(JSONWriter.pretty(words.json)) }
      let style = Console.output.style(environment: environment)
      Console.output.line("\(style(.good, "valid")): \(file.visible) founds ledger \(words.ledger)")
    }
  }
}
