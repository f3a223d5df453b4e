import ArgumentParser
import Client
import FoundationEssentials
import Merkle
import Primitives
import SwiftProtobuf
import Wire

extension ProposeCommand {
  /// `cairn propose redact`
  struct Redact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Erase a record for good; its hash and its proofs stay.",
      discussion:
        "The record must be open to you: its place is asked of the server, and its bytes are compared with its id.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The record's id, 64 hexadecimal characters.")
    var record: HexDigest

    func run() async throws {
      let id = record.digest
      try await ProposeCommand.propose(connection, signer, options, reads: true) { connection throws(Failure) in
        let evidence = try await connection.evidence(of: .recordID(Data(id.bytes)))
        guard let proof = evidence.proofs.first, MerkleTree.leafHash(proof.record) == id else {
          throw Failure(.corrupt, "RECORD_MISMATCH", "the server gave another record than \(id)")
        }
        return .redact(
          .with {
            $0.position = proof.position
            $0.recordIndex = proof.recordIndex
            $0.recordID = Data(id.bytes)
          })
      }
    }
  }
}
