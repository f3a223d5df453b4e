import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Queries
import SwiftProtobuf
import Testing
import Wire

@Suite struct ErasedEvidenceTests {
  @Test func anErasedRecordHasNoEvidenceButTheOthersOfItsBatchKeepTheirs() async throws {
    let exchange = try Exchange()
    let statement = Statement(about: "https://id.gs1.org/01/09521321000018/21/E", .of(.public))
    let records = try (0..<5).map { try statement.record($0) }
    let position = try exchange.record(records, by: .acmeDevice)
    let id = Data(MerkleTree.leafHash(records[2]).bytes)
    let decision = try exchange.decide(
      .redact(
        .with {
          $0.position = position
          $0.recordIndex = 2
          $0.recordID = id
        }))
    let byID = Cairn_V1_GetEvidenceRequest.with { $0.recordID = id }
    for (request, party) in [(byID, Party.anyone), (Self.place(position, 2), .anyone), (byID, .auditor)] {
      let failure = await #expect(throws: Failure.self) {
        try await exchange.queries.getEvidence(request, by: exchange.caller(party))
      }
      #expect(failure?.kind == .notFound)
      #expect(failure?.reason == "REDACTED")
      #expect(failure?.metadata["decided_at"] == String(decision))
    }
    for index: UInt32 in [0, 1, 3, 4] {
      let evidence = try await exchange.queries.getEvidence(Self.place(position, index), by: .anyone).evidence
      let ledgerID = try #require(Digest(evidence.ledgerID))
      let verified = try EvidenceVerifier.verify(evidence, trust: .ledger(ledgerID))
      #expect(verified.records[0].bytes == records[Int(index)])
    }
  }

  private static func place(_ position: UInt64, _ index: UInt32) -> Cairn_V1_GetEvidenceRequest {
    .with {
      $0.recordPosition.position = position
      $0.recordPosition.recordIndex = index
    }
  }
}
