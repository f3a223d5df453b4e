import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite struct RedactionTests {
  /// A node whose one key records events and decides alone.
  private struct Node {
    let directory = DataDirectory(
      FileManager.default.temporaryDirectory.appending(path: "cairn-ordering-\(UUID().uuidString)").path)
    let store: Store
    let index: PostingIndex
    let orderer: Orderer
    var author: BatchBuilder

    static let start = Instant(microseconds: 1_790_000_000_000_000)
    static let salt = Data("sixteen bytes ..".utf8)

    init() throws {
      try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
      let (key, log) = (try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519))
      var terms = Genesis.alone(name: "quay", memberID: "quay", admin: key.publicKey, logKey: log.publicKey)
      terms.keys[0].roles = [.admin, .operator]
      let (admitted, parsed) = try Admission.admitGenesis(
        try Genesis.batch(terms, founder: key, salt: Self.salt, createdAt: Self.start))
      let (state, first) = try LedgerState.found(admitted, parsed)
      let signer = try CheckpointSigner(
        origin: Genesis.origin(name: "quay", ledgerID: state.ledgerID), logKey: log)
      let checkpoint = try signer.sign(size: 1, root: state.edge.root)
      store = try Store(directory, create: true)
      try store.appendNow([first], checkpoint: checkpoint)
      index = try store.openIndex()
      orderer = Orderer(
        store: store, index: index, views: PublishedView(LedgerView(state, checkpoint: checkpoint)), signer: signer
      ) { Self.start }
      author = BatchBuilder(
        key: key, ledgerID: state.ledgerID,
        chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
    }

    mutating func sighting() throws -> Cairn_V1_Batch {
      let event = Cairn_V1_Event.with {
        $0.type = .object
        $0.action = .observe
        $0.eventTime.microseconds = Self.start.microseconds
        $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/UNSPEAKABLE"]
      }
      let record = try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: Data(count: 16)))
      return try author.batch([record], createdAt: Self.start)
    }

    mutating func vote(position: UInt64, id: Digest) throws -> Cairn_V1_Batch {
      let proposal = Cairn_V1_Proposal.with {
        $0.redact.position = position
        $0.redact.recordID = Data(id.bytes)
        $0.expiresAtMicroseconds = Self.start.microseconds + 1_000_000
      }
      let record = try BatchBuilder.serialize(Cairn_V1_Record(change: .propose(proposal), salt: Self.salt))
      return try author.batch([record], createdAt: Self.start)
    }
  }

  /// The record and the vote are taken before the writer begins, so one group holds both; what is not there is refused.
  @Test func aGroupMayEraseWhatItBrings() async throws {
    var node = try Node()
    defer { try? FileManager.default.removeItem(at: node.directory.url) }
    let batch = try node.sighting()
    let id = MerkleTree.leafHash(batch.records[0])
    let orderer = node.orderer
    let scan = try orderer.enqueue(batch)
    let before = node.author
    let wrong = try orderer.enqueue(try node.vote(position: 1, id: MerkleTree.leafHash(Data())))
    node.author = before
    let vote = try orderer.enqueue(try node.vote(position: 1, id: id))
    async let writer: Void = orderer.run()
    #expect(try await scan.receipt().position == 1)
    await #expect(throws: Failure.self) { try await wrong.receipt() }.map { #expect($0.reason == "UNKNOWN_RECORD") }
    #expect(try await vote.receipt().position == 2)

    let again = try orderer.enqueue(batch)
    #expect(try await again.receipt().recordErrors.map(\.reason) == ["REDACTED"])
    orderer.close()
    try await writer
    let term = Term.item("https://id.gs1.org/01/09521321000018/21/UNSPEAKABLE").rawValue
    #expect(try node.index.ordinals(matching: [term], limit: 9) == [])
    let secret = Data("UNSPEAKABLE".utf8)
    for name in try FileManager.default.contentsOfDirectory(atPath: node.directory.url.path) {
      #expect(try Data(contentsOf: node.directory.url.appending(path: name)).range(of: secret) == nil, "\(name)")
    }
    #expect(try node.store.check { _ in } == [])
  }
}
