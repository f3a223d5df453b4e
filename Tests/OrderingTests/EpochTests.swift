import Consensus
import Engine
import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store
import Testing
import Wire

/// Epochs after the first: what a node follows, and what it does not.
@Suite struct EpochTests {
  private static var soon: ContinuousClock.Instant { .now + .seconds(30) }

  /// Four nodes whose engine is gone, each with a final batch, and their statements.
  private func withLostEngine(
    _ body: (TestConsortium, [SignedStatement], inout BatchBuilder) async throws -> Void
  ) async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var author = try consortium.author()
    try await record(try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start), consortium)
    let statements = try (0..<4).map { try close(consortium, $0) }
    consortium.engine.lose()
    try await body(consortium, statements, &author)
  }

  private func record(_ batch: Cairn_V1_Batch, _ consortium: TestConsortium) async throws {
    let nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    _ = try await nodes[0].orderer.enqueue(batch).receipt(.final, until: Self.soon)
    for node in nodes { _ = try await node.until { $0.certifiedSize == 2 } }
    for node in nodes { try await node.stop() }
  }

  private func stopped(
    _ consortium: TestConsortium, _ number: Int
  ) throws -> (store: Store, promises: LastSignedStore, view: LedgerView) {
    let store = try Store(DataDirectory(consortium.folder.appending(path: "node-\(number)").path))
    let folder = consortium.folder.appending(path: "cosigner-\(number)", directoryHint: .isDirectory)
    let promises = try LastSignedStore(folder, key: consortium.nodeKeys[number].publicKey.id, store: store)
    return (store, promises, try store.readNow { try $0.view() })
  }

  /// What a node says that leaves epoch 1.
  private func close(_ consortium: TestConsortium, _ number: Int) throws -> SignedStatement {
    let (_, promises, view) = try stopped(consortium, number)
    try promises.save(promises.promise.closed)
    return try Statement(
      ledgerID: view.ledgerID, closedEpoch: 1, signed: promises.promise.log, finalSize: view.certifiedSize,
      log: LogPoint(size: view.logSize, root: view.edge.root)
    ).signed(by: consortium.nodeKeys[number])
  }

  /// Has a stopped node enter epoch 2 with an opening of these statements, whatever they say.
  private func enter(_ consortium: TestConsortium, _ number: Int, _ statements: [SignedStatement]) throws {
    let (state, _) = try consortium.founded()
    let key = consortium.nodeKeys[number]
    let signer = try CheckpointSigner(origin: Genesis.origin(name: "quay", ledgerID: state.ledgerID), logKey: key)
    let (store, promises, view) = try stopped(consortium, number)
    let opening = EpochOpening(
      ledgerID: view.ledgerID, epoch: 2, base: LogPoint(size: view.logSize, root: view.edge.root),
      statements: statements, links: [])
    _ = try store.truncate(
      to: view.logSize, final: 2, opening: KeptOpening(epoch: 2, bytes: try OrderedItem.message(opening))
    ) { size, root throws(Failure) in try signer.sign(size: size, root: root) }
    try promises.save(promises.promise.opening(2))
  }

  private func reasonToStop(_ node: ConsortiumNode) async throws -> Failure? {
    let status = try await node.until { if case .stopped = $0.standing { true } else { false } }
    return if case .stopped(let failure) = status?.standing { failure } else { nil }
  }

  @Test func theNextEpochGoesOnWhereAQuorumSays() async throws {
    try await withLostEngine { consortium, statements, author in
      for number in 0..<4 { try enter(consortium, number, Array(statements.prefix(3))) }
      let nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
      for node in nodes { _ = try await node.until { $0.standing == .following } }
      let batch = try author.batch([try TestConsortium.sighting(1)], createdAt: TestConsortium.start)
      let receipt = try await nodes[3].orderer.enqueue(batch).receipt(.final, until: Self.soon)
      #expect((receipt.position, receipt.finality) == (2, .final))
      for node in nodes {
        #expect(try await node.until { $0.certifiedSize == 3 }?.epoch == 2)
        try await node.stop()
      }
    }
  }

  /// The node that made an opening judges it like all others do.
  @Test(arguments: ["too few", "one twice", "another epoch's", "signed by nobody"])
  func anOpeningThatItsStatementsDoNotCarryIsNotFollowed(_ fault: String) async throws {
    try await withLostEngine { consortium, statements, _ in
      let said = statements[2].statement
      let changed = Statement(
        ledgerID: said.ledgerID, closedEpoch: fault == "another epoch's" ? 2 : 1, signed: said.signed,
        finalSize: said.finalSize, log: said.log)
      let stranger = try PrivateKey.generate(.ed25519)
      let third: [SignedStatement] =
        switch fault {
        case "too few": []
        case "one twice": [statements[1]]
        case "another epoch's": [try changed.signed(by: consortium.nodeKeys[2])]
        default: [try changed.signed(by: stranger)]
        }
      try enter(consortium, 0, Array(statements.prefix(2)) + third)
      let node = try ConsortiumNode(consortium, 0)
      let failure = try await reasonToStop(node)
      #expect(failure?.reason == "WRONG_OPENING")
      #expect(node.orderer.isServing == false)
      #expect(node.views.current.logSize == 2)
      try await node.stop()
    }
  }

  @Test func aStreamThatDoesNotBeginWithItsOpeningIsNotFollowed() async throws {
    try await withLostEngine { consortium, statements, _ in
      for number in 0..<2 { try enter(consortium, number, statements) }
      let names = StreamNames(ledgerID: statements[0].statement.ledgerID, epoch: 2)
      _ = try await consortium.engine.ensureStream(names.terms(replicas: 3, maxAgeSeconds: 0))
      _ = try consortium.engine.post(Data("first".utf8), to: "any", id: nil, stream: names.stream)
      let node = try ConsortiumNode(consortium, 1)
      #expect(try await reasonToStop(node)?.reason == "WRONG_OPENING")
      try await node.stop()
    }
  }

  /// The engine's operators have taken away a stream that somebody spoilt.
  @Test func aStreamOfWhichNothingWasReadMayBeMadeAnew() async throws {
    try await withLostEngine { consortium, statements, _ in
      try enter(consortium, 0, statements)
      let names = StreamNames(ledgerID: statements[0].statement.ledgerID, epoch: 2)
      _ = try await consortium.engine.ensureStream(names.terms(replicas: 3, maxAgeSeconds: 0))
      _ = try consortium.engine.post(Data("first".utf8), to: "any", id: nil, stream: names.stream)
      try await follow(consortium, until: "WRONG_OPENING")
      consortium.engine.lose()
      try await follow(consortium, until: "ENGINE_LOST")
      try stopped(consortium, 0).store.forgetUnbegunPlace()
      try await follow(consortium, until: nil)
    }
  }

  /// Runs the first node until it has stopped for that reason, or follows the engine.
  private func follow(_ consortium: TestConsortium, until reason: String?) async throws {
    let node = try ConsortiumNode(consortium, 0)
    if let reason {
      #expect(try await reasonToStop(node)?.reason == reason)
    } else {
      #expect(try await node.until { $0.appliedSequence > 0 }?.standing == .following)
    }
    try await node.stop()
  }

  /// Who was away while the members went on is told so, and records nothing that nobody would make final.
  @Test func whoSleptThroughARecoveryIsTold() async throws {
    try await withLostEngine { consortium, statements, _ in
      try enter(consortium, 0, statements)
      let first = try ConsortiumNode(consortium, 0)
      _ = try await first.until { $0.standing == .following }
      let late = try ConsortiumNode(consortium, 3)
      #expect(try await reasonToStop(late)?.reason == "EPOCH_OVER")
      for node in [first, late] { try await node.stop() }
    }
  }
}
