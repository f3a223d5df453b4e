import Checkpoints
import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Provenance
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct PackTests {
  /// An item's history of four events in two batches by two authors, and the policy it is checked by.
  struct Case {
    var answer: Cairn_V1_ProvedAnswer
    let policy: Policy
    let ledger: TestLedger

    static let item = "https://id.gs1.org/01/09521321000018/21/B7"
    static let places = [(3, 1), (3, 2), (3, 4), (5, 0)].map { RecordPlace(position: $0, index: $1) }

    init() throws {
      var ledger = try TestLedger()
      var device = try ledger.register(suite: .ecdsaP256)
      var gate = try ledger.register(suite: .sm2)
      func batch(_ numbers: [Int]) throws -> [Data] {
        try numbers.map { try TestLedger.sighting($0, item: $0 < 0 ? nil : Self.item) }
      }
      try ledger.submit(try device.batch(try batch([-1, 9, 2, -2, 7]), createdAt: ledger.start))
      try ledger.submit(try device.batch(try batch([-3]), createdAt: ledger.start))
      try ledger.submit(try gate.batch(try batch([5, -4]), createdAt: ledger.start))
      policy = try Policy(ledger.signer().policy)
      answer = try .with {
        $0.format = AnswerVerifier.format
        $0.history.item = "urn:epc:id:sgtin:9521321.000001.B7"
        $0.evidence = try ledger.pack(of: Self.places)
      }
      self.ledger = ledger
    }

    func verify() async throws(Failure) -> VerifiedAnswer {
      try await AnswerVerifier.verify(answer, trust: .policy(policy))
    }
  }

  @Test func provesTheWholeAnswerAndItsAuthorsBackToGenesis() async throws {
    let it = try Case()
    for trust in [EvidenceVerifier.Trust.policy(it.policy), .ledger(it.ledger.state.ledgerID)] {
      let answer = try await AnswerVerifier.verify(it.answer, trust: trust)
      #expect(answer.pack.events.map(\.record.place) == Case.places)
      #expect(answer.events.map(\.record.place) == [1, 3, 2, 0].map { Case.places[$0] })
      #expect(answer.events.allSatisfy { $0.memberID?.description == "harbour" && !$0.isCompromised })
      #expect(answer.pack.evidence.records.map(\.position) == [0, 1, 2, 3, 3, 3, 5])
      guard case .history(Case.item) = answer.question else {
        Issue.record("the question is \(answer.question)")
        return
      }
    }
  }

  /// One thing that is wrong with a file, the step that finds it, and the reason.
  static let attacks: [(step: String, reason: String, spoil: @Sendable (inout Cairn_V1_ProvedAnswer) -> Void)] = [
    ("FILE", "UNKNOWN_FORMAT", { $0.format = "cairn-pack/2" }),
    ("ANSWER", "MISSING_QUESTION", { $0.question = nil }),
    ("ANSWER", "NOT_AN_ANSWER", { $0.history.item = "https://id.gs1.org/01/09521321000018/21/B8" }),
    ("ANSWER", "NOT_AN_ANSWER", { $0.events.filter.bizSteps = ["receiving"] }),
    ("ANSWER", "UNKNOWN_VOCABULARY", { $0.events.filter.bizSteps = ["nonsense"] }),
    ("ANSWER", "UNKNOWN_FIELD", { $0.events = unknown }),
    ("LEDGER", "UNKNOWN_VERSION", { $0.evidence.version = 2 }),
    ("LEDGER", "MALFORMED_DIGEST", { $0.evidence.ledgerID.removeLast() }),
    ("LEDGER", "LEDGER_MISMATCH", { $0.evidence.ledgerID[0] ^= 1 }),
    ("LEDGER", "RECORD_COUNT", { $0.evidence.records = [] }),
    ("LEDGER", "RECORD_COUNT", { $0.evidence.records = Array(repeating: Data([1]), count: 10_001) }),
    ("LEDGER", "RECORD_COUNT", { $0.evidence.records.removeLast() }),
    ("LEDGER", "RECORD_COUNT", { $0.evidence.batches[3].recordIndices.removeLast() }),
    ("LEDGER", "PACK_SIZE", { $0.evidence.records[0] = Data(count: PackVerifier.maxBytes + 1) }),
    ("LEDGER", "MALFORMED_BATCH", { $0.evidence.batches.append($0.evidence.batches[0].without(\.recordIndices)) }),
    ("LEDGER", "BATCH_ORDER", { $0.evidence.batches.swapAt(1, 2) }),
    ("LEDGER", "BATCH_ORDER", { $0.evidence.batches[2].position = 1 }),
    (
      "CHECKPOINT", "LOG_SIGNATURE_WRONG",
      { $0.evidence.checkpoint = $0.evidence.checkpoint.replacing("\n6\n", with: "\n7\n") }
    ),
    ("RECORD_PATH", "ROOT_MISMATCH", { $0.evidence.records[4][30] ^= 1 }),
    ("RECORD_PATH", "ROOT_MISMATCH", { $0.evidence.records.swapAt(3, 4) }),
    ("RECORD_PATH", "ROOT_MISMATCH", { $0.evidence.batches[3].recordHashes.swapAt(0, 1) }),
    ("RECORD_PATH", "INDEX_ORDER", { $0.evidence.batches[3].recordIndices[1] = 1 }),
    ("RECORD_PATH", "INDEX_OUT_OF_RANGE", { $0.evidence.batches[3].recordIndices[2] = 5 }),
    ("RECORD_PATH", "PROOF_LENGTH", { $0.evidence.batches[3].recordHashes.removeLast() }),
    ("RECORD_PATH", "PROOF_LENGTH", { $0.evidence.batches[3].recordHashes.append(Data(count: 32)) }),
    ("RECORD_PATH", "MALFORMED_DIGEST", { $0.evidence.batches[3].recordHashes[0].removeLast() }),
    ("SIGNATURE", "INVALID_SIGNATURE", { $0.evidence.batches[3].entry[20] ^= 1 }),
    ("SIGNATURE", "MISSING_AUTHOR_KEY", { $0.evidence.authorPublicKeys.removeLast() }),
    ("SIGNATURE", "AUTHOR_KEY_ORDER", { $0.evidence.authorPublicKeys.swapAt(0, 1) }),
    ("SIGNATURE", "AUTHOR_KEY_ORDER", { $0.evidence.authorPublicKeys.insert($0.evidence.authorPublicKeys[0], at: 0) }),
    ("LOG_PATH", "ROOT_MISMATCH", { $0.evidence.batches[3].entry[4] ^= 1 }),
    ("LOG_PATH", "ROOT_MISMATCH", { $0.evidence.batches[4].position = 4 }),
    ("LOG_PATH", "INDEX_OUT_OF_RANGE", { $0.evidence.batches[4].position = 6 }),
    ("LOG_PATH", "PROOF_LENGTH", { $0.evidence.logHashes = [] }),
    ("LOG_PATH", "PROOF_LENGTH", { $0.evidence.logHashes.append($0.evidence.logHashes[0]) }),
    ("LOG_PATH", "ROOT_MISMATCH", { $0.evidence.logHashes[0][0] ^= 1 }),
  ]

  /// A question with a condition, number 999 of the filter, that nobody knows.
  private static let unknown =
    (try? Cairn_V1_QueryEventsRequest(serializedBytes: Data([0x0A, 3, 0xB8, 0x3E, 1]))) ?? .init()

  @Test(arguments: attacks.indices) func everyAttackIsNamedByItsStep(number: Int) async throws {
    var it = try Case()
    let attack = Self.attacks[number]
    attack.spoil(&it.answer)
    let failure = await #expect(throws: Failure.self, "attack \(number)") { try await it.verify() }
    #expect(failure?.reason == attack.reason, "attack \(number)")
    #expect(failure?.metadata["step"] == attack.step, "attack \(number)")
  }

  @Test func noSingleByteOfTheProofsCanBeChanged() throws {
    let it = try Case()
    let bytes: Data = try it.answer.evidence.serializedBytes()
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x55
      guard let pack = try? Cairn_V1_EvidencePack(serializedBytes: changed) else { continue }
      #expect(throws: Failure.self, "byte \(index)") { try PackVerifier.verify(pack, trust: .policy(it.policy)) }
    }
  }

  @Test(arguments: [
    (false, false, [0, 1, 2, 3]), (false, true, [3, 2, 1, 0]), (true, false, [1, 3, 2, 0]), (true, true, [0, 2, 3, 1]),
  ])
  func eventsStandInTheOrderAskedFor(byTime: Bool, descending: Bool, order: [Int]) async throws {
    var it = try Case()
    it.answer.events.orderBy = byTime ? .eventTime : .unspecified
    it.answer.events.orderDirection = descending ? .descending : .ascending
    #expect(try await it.verify().events.map(\.record.place) == order.map { Case.places[$0] })
  }

  @Test("what vouches for an author may not be left out", arguments: [(1, "UNKNOWN_KEY"), (0, "NO_GENESIS")])
  func support(position: UInt64, reason: String) async throws {
    var it = try Case()
    let rest = it.ledger.support(of: Case.places).filter { $0.position != position }
    it.answer.evidence = try it.ledger.pack(of: Case.places, supportedBy: rest)
    let failure = await #expect(throws: Failure.self) { try await it.verify() }
    #expect(failure?.reason == reason)
    #expect(failure?.metadata["step"] == "KEY_CHAIN")
  }

  @Test func aKeyThatSignedNothingHereIsRefused() async throws {
    var it = try Case()
    it.answer.evidence = try it.ledger.pack(of: [Case.places[0]])
    let spare = try it.ledger.pack(of: Case.places).authorPublicKeys
    it.answer.evidence.authorPublicKeys = spare
    let failure = await #expect(throws: Failure.self) { try await it.verify() }
    #expect(failure?.reason == "SPARE_AUTHOR_KEY")
  }

  @Test func aRecordThatSaysNothingIsNoPartOfAnAnswer() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    let batch = try device.batch([Data([1, 2, 3])], createdAt: ledger.start, onError: .skipRecord)
    try ledger.submit(batch)
    let pack = try ledger.pack(of: [RecordPlace(position: 2, index: 0)])
    let failure = #expect(throws: Failure.self) {
      try PackVerifier.verify(pack, trust: .ledger(ledger.state.ledgerID))
    }
    #expect(failure?.reason == "WITHOUT_EFFECT")
  }

  @Test("the packs of two pages make the pack of the whole", arguments: 0..<16)
  func merging(page: Int) throws {
    let it = try Case()
    let pages = [true, false].map { isFirst in
      Case.places.indices.filter { (page >> $0 & 1 == 1) == isFirst }.map { Case.places[$0] }
    }
    var merger = PackMerger()
    for places in pages where !places.isEmpty { try merger.add(try it.ledger.pack(of: places), size: 6) }
    #expect(try merger.pack() == it.answer.evidence)
  }

  @Test func partsPutTogetherAsProtobufMergesAreThePack() throws {
    let it = try Case()
    for limit in [1, 200, 1_000, 1 << 20] {
      let parts = it.answer.evidence.parts(ofBytes: limit)
      #expect(limit > 1_000 ? parts.count == 1 : parts.count > 1)
      let joined = try parts.reduce(into: Data()) { $0 += try $1.serializedBytes() as Data }
      #expect(try Cairn_V1_EvidencePack(serializedBytes: joined) == it.answer.evidence)
    }
  }
}

extension Cairn_V1_ProvedBatch {
  fileprivate func without(_ indices: WritableKeyPath<Self, [UInt32]>) -> Self {
    var batch = self
    batch[keyPath: indices] = []
    return batch
  }
}

extension TestLedger {
  /// The records that show who could make the records at these places.
  func support(of places: [RecordPlace]) -> [RecordPlace] {
    Set(
      places.flatMap { place in
        let author = applied[Int(place.position)].batch.header.authorKeyID
        return state.directory.supportingRecords(of: author, before: place.position)
      }
    ).sorted()
  }

  /// A pack of these records, and of those that show who could make them.
  func pack(of places: [RecordPlace], supportedBy support: [RecordPlace]? = nil) throws -> Cairn_V1_EvidencePack {
    let all = Set(places + (support ?? self.support(of: places)))
    let batches = Dictionary(grouping: all, by: \.position).sorted { $0.key < $1.key }
    let authors = try Set(batches.map { applied[Int($0.key)].batch.header.authorKeyID }).sorted {
      $0.digest.bytes.lexicographicallyPrecedes($1.digest.bytes)
    }.map { try state.directory.key($0).publicKey }
    let entries = applied.map { MerkleTree.leafHash($0.entry) }
    return try .with { pack in
      pack.version = 1
      pack.ledgerID = Data(state.ledgerID.bytes)
      pack.checkpoint = try signer().sign(size: state.edge.size, root: state.edge.root).note
      pack.authorPublicKeys = authors.map { Data($0.subjectPublicKeyInfo) }
      for (position, places) in batches {
        let batch = applied[Int(position)].batch
        let indices = places.map(\.index).sorted()
        pack.batches.append(
          try .with {
            $0.position = position
            $0.entry = applied[Int(position)].entry
            $0.recordIndices = indices
            $0.recordHashes = try Self.proof(indices.map(UInt64.init), batch.recordIDs)
          })
        pack.records += indices.map { batch.records[Int($0)] }
      }
      pack.logHashes = try Self.proof(batches.map(\.key), entries)
    }
  }

  private static func proof(_ indices: [UInt64], _ leaves: [Digest]) throws -> [Data] {
    try MultiProof.hashes(of: indices, size: UInt64(leaves.count)) { node in
      MerkleTree.root(leaves[Int(node.index) << node.level..<Int(node.index + 1) << node.level])
    }.map { Data($0.bytes) }
  }
}
