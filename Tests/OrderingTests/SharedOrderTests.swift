import Checkpoints
import Consensus
import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Store
import Testing
import Wire

@Suite struct SharedOrderTests {
  private static var soon: ContinuousClock.Instant { .now + .seconds(30) }

  private func withNodes(
    _ count: Int = 4, _ body: (TestConsortium, [ConsortiumNode]) async throws -> Void
  ) async throws {
    let consortium = try TestConsortium(members: count)
    defer { consortium.remove() }
    let nodes = try (0..<count).map { try ConsortiumNode(consortium, $0) }
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    try await body(consortium, nodes)
    for node in nodes { try await node.stop() }
  }

  /// Whoever hands a batch in, all nodes have the same log, and it becomes final by their cosignatures.
  @Test func allNodesHaveOneLogAndItBecomesFinal() async throws {
    try await withNodes { consortium, nodes in
      var author = try consortium.author()
      for number in 0..<9 {
        let batch = try author.batch([try TestConsortium.sighting(number)], createdAt: TestConsortium.start)
        let ticket = try nodes[number % 4].orderer.enqueue(batch)
        let receipt = try await ticket.receipt(.final, until: Self.soon)
        #expect(receipt.position == UInt64(number) + 1)
        #expect(receipt.finality == .final)
      }
      for node in nodes { _ = try await node.until { $0.certifiedSize == 10 } }
      #expect(Set(nodes.map(\.views.current.edge.root)).count == 1)
      let view = nodes[2].views.current
      let policy = try Policy(
        of: view.directory, origin: Genesis.origin(name: "quay", ledgerID: view.ledgerID), at: view.ledgerTime)
      let certificate = try #require(view.certificate)
      #expect(try policy.verify(certificate.note).checkpoint.size == 10)
      #expect(try policy.verify(certificate.note).cosigners.count >= 3)
      #expect(nodes[2].orderer.status?.lastSigned?.size == 10)
    }
  }

  /// Reads go on, batches are refused at once, and both are as before when the engine is back.
  @Test func withoutItsEngineANodeReadsAndSaysSo() async throws {
    try await withNodes { consortium, nodes in
      var author = try consortium.author()
      let batch = try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start)
      consortium.engine.setAway(true)
      #expect(!nodes[0].orderer.isServing)
      let refusal = #expect(throws: Failure.self) { try nodes[0].orderer.enqueue(batch) }
      #expect(refusal?.reason == "ENGINE_AWAY")
      #expect(refusal?.kind == .unavailable)
      #expect(nodes[0].views.current.logSize == 1)
      consortium.engine.setAway(false)
      #expect(nodes[0].orderer.isServing)
      #expect(try await nodes[0].orderer.enqueue(batch).receipt(.final, until: Self.soon).finality == .final)
    }
  }

  /// A batch that comes too early is refused by every node alike, and may come again.
  @Test func whatIsRefusedInItsPlaceIsSkippedByAll() async throws {
    try await withNodes { consortium, nodes in
      var author = try consortium.author()
      let first = try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start)
      let second = try author.batch([try TestConsortium.sighting(1)], createdAt: TestConsortium.start)
      let early = try nodes[0].orderer.enqueue(second)
      await #expect(throws: Failure.self) { try await early.receipt() }.map { #expect($0.reason == "SEQUENCE_GAP") }
      #expect(try await nodes[1].orderer.enqueue(first).receipt().position == 1)
      // The engine has seen it, and would not record it again under the same id.
      #expect(try await nodes[0].orderer.enqueue(second).receipt(.final, until: Self.soon).position == 2)
      for node in nodes { _ = try await node.until { $0.certifiedSize == 3 } }
      var all: [[StoredSkip]] = []
      for node in nodes { all.append(try await node.store.read { try $0.skips() }) }
      #expect(all.allSatisfy { $0 == all[0] })
      #expect(all[0].map(\.reason) == ["SEQUENCE_GAP"])
    }
  }

  /// The engine has taken a batch and did not say so: it is recorded once, and its author learns where.
  @Test func anAnswerThatWasLostIsFoundAgain() async throws {
    try await withNodes { consortium, nodes in
      var author = try consortium.author()
      let batch = try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start)
      consortium.engine.setDropsAcknowledgements(true)
      _ = try? await nodes[0].orderer.enqueue(batch).receipt()
      consortium.engine.setDropsAcknowledgements(false)
      for node in nodes { _ = try await node.until { $0.log.size == 2 } }
      for node in nodes { #expect(try await node.orderer.enqueue(batch).receipt().position == 1) }
      for node in nodes { #expect(node.views.current.logSize == 2) }
    }
  }

  /// A node that was stopped goes on where it was; one that lost its promise follows and does not cosign.
  @Test func aNodeGoesOnAndDoesNotCosignWithoutItsPromise() async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    var author = try consortium.author()
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    let first = try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start)
    _ = try await nodes[0].orderer.enqueue(first).receipt(.final, until: Self.soon)
    _ = try await nodes[3].until { $0.lastSigned?.size == 2 }
    let lost = nodes[3].cosigner
    try await nodes.removeLast().stop()
    try FileManager.default.removeItem(at: lost)
    let second = try author.batch([try TestConsortium.sighting(1)], createdAt: TestConsortium.start)
    #expect(try await nodes[0].orderer.enqueue(second).receipt(.final, until: Self.soon).finality == .final)

    let again = try ConsortiumNode(consortium, 3)
    let status = try await again.until { $0.certifiedSize == 3 }
    #expect(status?.log.size == 3)
    #expect(status?.silence?.reason == "LAST_SIGNED_MISSING")
    #expect(status?.lastSigned == nil)
    #expect(try again.store.check { _ in } == [])
    for node in nodes + [again] { try await node.stop() }
  }

  /// One member that signs another log ends finality, not recording. Where more do than may lie, this node's log may be the
  /// wrong one. A restart forgets neither, and nobody's evidence is broken.
  @Test func whoContradictsEndsFinalityAndOnlySeveralEndRecording() async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    var author = try consortium.author()
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    let batches = try (0..<3).map { number in
      try author.batch([try TestConsortium.sighting(number)], createdAt: TestConsortium.start)
    }
    _ = try await nodes[0].orderer.enqueue(batches[0]).receipt(.final, until: Self.soon)
    for node in nodes { _ = try await node.until { $0.certifiedSize == 2 } }

    try consortium.signAnotherLog(as: 3, size: 2)
    for node in nodes { _ = try await node.until { $0.stop != nil } }
    #expect(nodes[0].orderer.stop?.reason == "DIVERGED" && nodes[0].orderer.stop?.message.contains("member-3") == true)
    #expect(nodes[0].orderer.isServing && !nodes[3].orderer.isServing, "who contradicts itself takes no batches")
    let receipt = try await nodes[0].orderer.enqueue(batches[1]).receipt(.final, until: .now + .milliseconds(200))
    #expect(receipt.finality == .anchored && receipt.position == 2)

    try await nodes.removeFirst().stop()
    let again = try ConsortiumNode(consortium, 0)
    nodes.append(again)
    #expect(try await again.until { $0.stop != nil && $0.standing == .following }?.contradictions == 1)
    #expect(again.orderer.isServing && again.views.current.certifiedSize == 2)

    try consortium.signAnotherLog(as: 2, size: 2)
    #expect(try await again.until { $0.contradictions == 2 }?.stop?.message.contains("no batches") == true)
    let refusal = #expect(throws: Failure.self) { try again.orderer.enqueue(batches[2]) }
    #expect(refusal?.reason == "DIVERGED" && refusal?.kind == .unavailable)
    #expect(try again.store.check { _ in } == [])
    for node in nodes { try await node.stop() }
  }

  /// A node that finds less in the engine than it has read stops, says why, and keeps its log.
  @Test(arguments: ["ENGINE_ROLLED_BACK", "ENGINE_LOST"])
  func anEngineThatForgotStopsItsNodes(_ reason: String) async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    var author = try consortium.author()
    let first = try author.batch([try TestConsortium.sighting(0)], createdAt: TestConsortium.start)
    _ = try await nodes[0].orderer.enqueue(first).receipt(.final, until: Self.soon)
    for node in nodes { try await node.stop() }
    nodes = []
    if reason == "ENGINE_LOST" { consortium.engine.lose() } else { consortium.engine.rollBack(to: 0) }
    let node = try ConsortiumNode(consortium, 1)
    _ = try await node.until { if case .stopped = $0.standing { true } else { false } }
    let second = try author.batch([try TestConsortium.sighting(1)], createdAt: TestConsortium.start)
    let refusal = #expect(throws: Failure.self) { try node.orderer.enqueue(second) }
    #expect(refusal?.reason == reason)
    #expect(node.views.current.logSize == 2)
    try await node.stop()
  }

  /// A node that read the stream before and finds other terms in it does not use it, and does once they are as agreed.
  @Test func aStreamOfOtherTermsIsNotUsed() async throws {
    let consortium = try TestConsortium(members: 1)
    defer { consortium.remove() }
    for (isOther, reason) in [(false, nil), (true, "ENGINE_TERMS"), (false, nil)] {
      consortium.engine.setOtherTerms(isOther)
      let node = try ConsortiumNode(consortium, 0)
      var found: Failure?
      _ = try await node.until { status in
        if case .stopped(let failure) = status.standing { found = failure }
        return found != nil || status.standing == .following
      }
      #expect(found?.reason == reason)
      #expect(node.orderer.isServing == !isOther)
      try await node.stop()
    }
  }

  /// Every node keeps the same places of the same checkpoints, and still has them after a restart.
  @Test func allNodesKnowWhereTheirCheckpointsLie() async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    var author = try consortium.author()
    for number in 0..<6 {
      let batch = try author.batch([try TestConsortium.sighting(number)], createdAt: TestConsortium.start)
      _ = try await nodes[number % 4].orderer.enqueue(batch).receipt(.final, until: Self.soon)
    }
    for node in nodes { _ = try await node.until { $0.certifiedSize == 7 } }
    var places: [PlacedCheckpoint?] = []
    for node in nodes { places.append(try await node.orderer.placedCheckpoint(size: 0)) }
    let place = try #require(places[0])
    #expect(places.allSatisfy { $0 == place })
    #expect(place.size == 7 && place.root == nodes[0].views.current.edge.root)
    #expect(try ConsensusState(place.place.state).checkpointSize == 7)
    #expect(try await nodes[0].orderer.placedCheckpoint(size: 99) == nil)
    for node in nodes { try await node.stop() }
    nodes = []
    let again = try ConsortiumNode(consortium, 2)
    _ = try await again.until {
      $0.standing == .following && $0.log.size == 7 && $0.appliedSequence >= place.place.sequence
    }
    #expect(try await again.orderer.placedCheckpoint(size: 7) == place)
    try await again.stop()
  }

  /// A node for which the engine has forgotten too much fetches from another, follows again, and its cosignature counts.
  @Test func whatTheEngineForgotComesFromAnotherNode() async throws {
    let consortium = try TestConsortium(members: 4)
    defer { consortium.remove() }
    var nodes = try (0..<4).map { try ConsortiumNode(consortium, $0) }
    for node in nodes { _ = try await node.until { $0.standing == .following } }
    var author = try consortium.author()
    func write(_ number: Int) async throws -> Cairn_V1_Finality {
      let batch = try author.batch([try TestConsortium.sighting(number)], createdAt: TestConsortium.start)
      return try await nodes[0].orderer.enqueue(batch).receipt(.final, until: Self.soon).finality
    }
    #expect(try await write(0) == .final)
    _ = try await nodes[3].until { $0.certifiedSize == 2 }
    try await nodes.removeLast().stop()
    for number in 1..<5 { #expect(try await write(number) == .final) }
    consortium.engine.trim()
    #expect(try await write(5) == .final)

    try await expectTrimmed(consortium, 3, logSize: 2)
    let back = try ConsortiumNode(consortium, 3, source: nodes[0])
    let status = try await back.until { $0.standing == .following && $0.certifiedSize == 7 }
    #expect(status?.log.size == 7)
    try await nodes.remove(at: 1).stop()
    #expect(try await write(6) == .final)
    _ = try await back.until { $0.certifiedSize == 8 }
    #expect(Set((nodes + [back]).map(\.views.current.edge.root)).count == 1)
    #expect(back.orderer.status?.lastSigned?.size == 8)
    try await back.stop()
    #expect(try back.store.check { _ in } == [])
    for node in nodes { try await node.stop() }
  }

  /// Runs a node that can fetch from nobody until it says that the engine has forgotten what it lacks.
  private func expectTrimmed(_ consortium: TestConsortium, _ number: Int, logSize: UInt64) async throws {
    let node = try ConsortiumNode(consortium, number)
    let status = try await node.until { if case .stopped = $0.standing { true } else { false } }
    guard case .stopped(let failure) = status?.standing else { return #expect(Bool(false), "not stopped") }
    #expect(failure.reason == "ENGINE_TRIMMED")
    #expect(node.views.current.logSize == logSize)
    try await node.stop()
  }

  /// What the engine would not take is refused with the limit.
  @Test func aBatchThatIsTooLargeForTheEngineIsRefused() async throws {
    try await withNodes(1) { consortium, nodes in
      var author = try consortium.author()
      let batch = try author.batch(
        (0..<9).map { _ in Data(repeating: 0, count: 65_000) }, createdAt: TestConsortium.start)
      let refusal = #expect(throws: Failure.self) { try nodes[0].orderer.enqueue(batch) }
      #expect(refusal?.reason == "BATCH_SIZE")
      #expect(refusal?.message.contains("524288") == true)
      #expect(nodes[0].orderer.maxBatchBytes == 524_288)
    }
  }
}
