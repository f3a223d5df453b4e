import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct LedgerStateTests {
  @Test func aGapIsRefusedWithTheExpectedSequence() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    _ = try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start)
    let second = try device.batch([try TestLedger.sighting(2)], createdAt: ledger.start)
    let failure = #expect(throws: Failure.self) { try ledger.submit(second) }
    #expect(failure?.reason == "SEQUENCE_GAP")
    #expect(failure?.metadata["expected_sequence"] == "1")
  }

  @Test func aHeaderMustNameTheOneBefore() throws {
    var ledger = try TestLedger()
    let key = try PrivateKey.generate(.ed25519)
    try ledger.submit(
      try ledger.admin.batch([try TestLedger.registration(of: key.publicKey, .device)], createdAt: ledger.start))
    var device = BatchBuilder(key: key, ledgerID: ledger.state.ledgerID)
    try ledger.submit(try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start))
    var forked = BatchBuilder(
      key: key, ledgerID: ledger.state.ledgerID, chain: AuthorChain(nextSequence: 2, lastDigest: ledger.state.ledgerID))
    let batch = try forked.batch([try TestLedger.sighting(2)], createdAt: ledger.start)
    #expect(throws: Failure.self) { try ledger.submit(batch) }
      .map { #expect($0.reason == "PREVIOUS_DIGEST_MISMATCH") }
  }

  @Test func aRepeatedSequenceIsLeftToTheLogToJudge() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    let batch = try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start)
    try ledger.submit(batch)
    let size = ledger.state.edge.size
    guard case .alreadySequenced = try ledger.submit(batch) else {
      Issue.record("the same batch was appended twice")
      return
    }
    #expect(ledger.state.edge.size == size)
  }

  @Test func ledgerTimeNeverGoesBack() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    for seconds: Int64 in [100, 50, 101] {
      try ledger.submit(try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start), at: seconds)
    }
    let times = ledger.applied.suffix(3).map { ($0.ledgerTime.microseconds - ledger.start.microseconds) / 1_000_000 }
    #expect(times == [100, 100, 101])
  }

  @Test func keysEndAtTheirTimeAndWhenRevoked() throws {
    var ledger = try TestLedger()
    var short = try ledger.register(notAfter: ledger.start.microseconds + 10_000_000)
    try ledger.submit(try short.batch([try TestLedger.sighting(1)], createdAt: ledger.start), at: 9)
    let late = try short.batch([try TestLedger.sighting(2)], createdAt: ledger.start)
    #expect(throws: Failure.self) { try ledger.submit(late, at: 10) }.map { #expect($0.reason == "KEY_EXPIRED") }

    let key = try PrivateKey.generate(.ed25519)
    try ledger.change(.registerKey(TestLedger.terms(of: key.publicKey, [.device])), at: 11)
    try ledger.change(.revokeKey(.with { $0.keyID = Data(key.publicKey.id.digest.bytes) }), at: 12)
    var device = BatchBuilder(key: key, ledgerID: ledger.state.ledgerID)
    let batch = try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start)
    #expect(throws: Failure.self) { try ledger.submit(batch, at: 13) }.map { #expect($0.reason == "KEY_REVOKED") }
  }

  @Test func rolesAuthorTheirOwnFamilyOnly() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    let other = try PrivateKey.generate(.ed25519)
    let enrol = try device.batch([try TestLedger.registration(of: other.publicKey, .device)], createdAt: ledger.start)
    #expect(throws: Failure.self) { try ledger.submit(enrol) }.map { #expect($0.reason == "ROLE_FORBIDS_RECORD") }
    let scan = try ledger.admin.batch([try TestLedger.sighting(1)], createdAt: ledger.start)
    #expect(throws: Failure.self) { try ledger.submit(scan) }.map { #expect($0.reason == "ROLE_FORBIDS_RECORD") }
  }

  @Test func theLastAdminCannotBeRevoked() throws {
    var ledger = try TestLedger()
    let revocation = Cairn_V1_RevokeKey.with { $0.keyID = Data(ledger.adminKey.publicKey.id.digest.bytes) }
    #expect(throws: Failure.self) { try ledger.change(.revokeKey(revocation)) }
      .map { #expect($0.reason == "VOTES_NEEDED") }
    #expect(throws: Failure.self) { try ledger.propose(.revokeKey(revocation)) }
      .map { #expect($0.reason == "LAST_ADMIN") }
  }

  @Test func anExpiringAdminIsNoReplacement() throws {
    var ledger = try TestLedger()
    let key = try PrivateKey.generate(.ed25519).publicKey
    let notAfter = ledger.start.microseconds + 1_000_000_000
    try ledger.propose(.registerKey(TestLedger.terms(of: key, [.admin], notAfter: notAfter)))
    let revocation = Cairn_V1_RevokeKey.with { $0.keyID = Data(ledger.adminKey.publicKey.id.digest.bytes) }
    #expect(throws: Failure.self) { try ledger.propose(.revokeKey(revocation)) }
      .map { #expect($0.reason == "LAST_ADMIN") }
  }

  @Test func aVotedRedactionNamesTheRecordToErase() throws {
    var ledger = try TestLedger(members: ["harbour", "quay", "pier"])
    var device = try ledger.register()
    try ledger.submit(try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start))
    let id = try #require(ledger.applied.last?.batch.recordIDs.first)
    func redaction(_ position: UInt64, _ id: Digest) -> Cairn_V1_Redaction {
      .with {
        $0.position = position
        $0.recordID = Data(id.bytes)
      }
    }
    for (wrong, reason) in [
      (redaction(2, ledger.state.ledgerID), "UNKNOWN_RECORD"), (redaction(3, id), "UNKNOWN_RECORD"),
      (redaction(1, try #require(ledger.applied[1].batch.recordIDs.first)), "REDACTION_OF_GOVERNANCE"),
    ] {
      #expect(throws: Failure.self) { try ledger.propose(.redact(wrong)) }.map { #expect($0.reason == reason) }
    }
    let proposal = try ledger.propose(.redact(redaction(2, id)))
    #expect(ledger.applied.last?.redactions == [])
    try ledger.approve(proposal, by: 2)
    #expect(ledger.applied.last?.redactions.map(\.recordID) == [id])
    #expect(throws: Failure.self) { try ledger.propose(.redact(redaction(2, id)), because: "again") }
      .map { #expect($0.reason == "ALREADY_REDACTED") }
  }

  @Test func consortiumRecordsAreNeverPassedOver() throws {
    var ledger = try TestLedger()
    let record = try TestLedger.registration(of: ledger.adminKey.publicKey, .operator)
    let batch = try ledger.admin.batch([record], createdAt: ledger.start, onError: .skipRecord)
    #expect(throws: Failure.self) { try ledger.submit(batch) }.map { #expect($0.reason == "SKIP_NOT_ALLOWED") }
  }

  @Test func theSameBatchesGiveTheSameBytes() throws {
    var first = try TestLedger()
    var device = try first.register()
    for serial in 1...20 {
      try first.submit(try device.batch([try TestLedger.sighting(serial)], createdAt: first.start), at: Int64(serial))
    }
    let genesis = try #require(first.applied.first)
    let (admitted, terms) = try Admission.admitGenesis(genesis.wire)
    var (second, _) = try LedgerState.found(admitted, terms)
    for applied in first.applied.dropFirst() {
      let batch = try Admission(ledgerID: second.ledgerID).admit(applied.wire, directory: second.directory)
      guard case .appended(let again) = try second.apply(batch, at: applied.ledgerTime, isInLog: { _ in true })
      else {
        Issue.record("entry \(applied.position) was not appended")
        return
      }
      #expect(again.entry == applied.entry)
    }
    #expect(second.edge.root == first.state.edge.root)
  }
}

extension AppliedBatch {
  /// The batch as its author sent it.
  var wire: Cairn_V1_Batch {
    .with {
      $0.header = batch.header.bytes
      $0.signature.suite = batch.suite.wire
      $0.signature.value = batch.signature
      $0.records = batch.records
    }
  }
}

extension LogEntryTests {
  @Test(arguments: 0..<13) func refusesATruncatedEntry(count: Int) throws {
    #expect(throws: Failure.self) { try LogEntry(Self.entry.encoded.prefix(count)) }
  }
}

@Suite struct LogEntryTests {
  static let entry = LogEntry(
    ledgerTime: Instant(microseconds: 0x0102_0304_0506_0708), suite: .ecdsaP256, signature: Data([0xaa, 0xbb]),
    header: Data([0xcc]))

  @Test func followsItsLayout() throws {
    let bytes = Self.entry.encoded
    #expect(Hex.encode(bytes) == "010102030405060708020002aabbcc")
    #expect(try LogEntry(bytes) == Self.entry)
  }

  @Test func refusesAnUnknownVersionOrSuite() {
    var version = Self.entry.encoded
    version[0] = 2
    #expect(throws: Failure.self) { try LogEntry(version) }
    var suite = Self.entry.encoded
    suite[9] = 4
    #expect(throws: Failure.self) { try LogEntry(suite) }
  }
}
