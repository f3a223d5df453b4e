import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// One way in which a batch can be wrong on its own, and the reason it is refused for.
struct WrongBatch: Sendable, CustomTestStringConvertible {
  let reason: String
  let spoil: @Sendable (inout Cairn_V1_Batch) throws -> Void

  var testDescription: String { reason }

  init(_ reason: String, _ spoil: @escaping @Sendable (inout Cairn_V1_Batch) throws -> Void) {
    self.reason = reason
    self.spoil = spoil
  }

  static func header(_ reason: String, _ spoil: @escaping @Sendable (inout Cairn_V1_BatchHeader) -> Void) -> WrongBatch
  {
    WrongBatch(reason) { batch in
      var header = try Cairn_V1_BatchHeader(serializedBytes: batch.header)
      spoil(&header)
      batch.header = try header.serializedBytes()
    }
  }

  static let all: [WrongBatch] = [
    WrongBatch("MISSING_SIGNATURE") { $0.clearSignature() },
    WrongBatch("HEADER_SIZE") { $0.header = Data() },
    WrongBatch("HEADER_SIZE") { $0.header = Data(repeating: 0, count: Limits.headerBytes + 1) },
    WrongBatch("MALFORMED_PROTOBUF") { $0.header = Data(repeating: 0xff, count: 40) },
    .header("UNKNOWN_VERSION") { $0.version = 2 },
    .header("WRONG_LEDGER") { $0.ledgerID = Data(repeating: 1, count: 32) },
    .header("WRONG_LEDGER") { $0.ledgerID = Data() },
    .header("MALFORMED_DIGEST") { $0.ledgerID = Data(repeating: 1, count: 31) },
    .header("MALFORMED_KEY_ID") { $0.authorKeyID = Data() },
    .header("UNKNOWN_KEY") { $0.authorKeyID = Data(repeating: 9, count: 32) },
    .header("SEQUENCE_OUT_OF_RANGE") { $0.sequence = 0 },
    .header("PREVIOUS_DIGEST_MISMATCH") { $0.sequence = 2 },
    .header("TIME_OUT_OF_RANGE") { $0.createdAtMicroseconds = .max },
    .header("RECORD_COUNT_OUT_OF_RANGE") { $0.recordCount = 0 },
    .header("RECORD_COUNT_OUT_OF_RANGE") { $0.recordCount = 10_001 },
    .header("UNKNOWN_ON_ERROR") { $0.onError = .UNRECOGNIZED(9) },
    .header("RECORD_COUNT_MISMATCH") { $0.recordCount = 4 },
    .header("INVALID_SIGNATURE") { $0.createdAtMicroseconds += 1 },
    WrongBatch("INVALID_SIGNATURE") { $0.signature.value[10] ^= 1 },
    WrongBatch("SIGNATURE_SIZE") { $0.signature.value.removeLast() },
    WrongBatch("WRONG_SUITE") { $0.signature.suite = .ecdsaP256Sha256 },
    WrongBatch("RECORD_COUNT_MISMATCH") { $0.records.removeLast() },
    WrongBatch("RECORDS_ROOT_MISMATCH") { $0.records.swapAt(0, 1) },
    WrongBatch("RECORD_SIZE") { $0.records[1] = Data() },
    WrongBatch("RECORD_SIZE") { $0.records[1] = Data(repeating: 1, count: Limits.recordBytes + 1) },
    WrongBatch("BATCH_SIZE") { $0.records = Array(repeating: Data(repeating: 1, count: 65_536), count: 65) },
  ]
}

@Suite struct AdmissionTests {
  @Test(arguments: WrongBatch.all)
  func refusesWithAReason(wrong: WrongBatch) throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    var batch = try device.batch(try (1...3).map { try TestLedger.sighting($0) }, createdAt: ledger.start)
    try wrong.spoil(&batch)
    let size = ledger.state.edge.size
    let failure = #expect(throws: Failure.self) { try ledger.submit(batch) }
    #expect(failure?.reason == wrong.reason)
    #expect(ledger.state.edge.size == size)
  }

  @Test(arguments: [Suite.ed25519, .ecdsaP256, .sm2])
  func takesEverySuite(suite: Suite) throws {
    var ledger = try TestLedger()
    var device = try ledger.register(suite: suite)
    try ledger.submit(try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start))
    #expect(ledger.state.edge.size == 3)
  }

  @Test func aBadRecordRefusesTheBatchByItsPath() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    let bad = try TestLedger.sighting(2, item: "https://id.gs1.org/01/09521321000019/21/X")
    let batch = try device.batch([try TestLedger.sighting(1), bad], createdAt: ledger.start)
    let failure = #expect(throws: Failure.self) { try ledger.submit(batch) }
    #expect(failure?.reason == "INVALID_CHECK_DIGIT")
    #expect(failure?.violations.first?.field == "records[1].provenance.event.epc_list.items[0]")
  }

  @Test func aBadRecordIsSkippedWhereTheAuthorSaysSo() throws {
    var ledger = try TestLedger()
    var device = try ledger.register()
    let bad = try TestLedger.sighting(2, item: "https://id.gs1.org/01/09521321000019/21/X")
    let batch = try device.batch(
      [try TestLedger.sighting(1), bad, Data("nonsense".utf8)], createdAt: ledger.start, onError: .skipRecord)
    try ledger.submit(batch)
    let applied = try #require(ledger.applied.last)
    #expect(applied.batch.rejections.map(\.index) == [1, 2])
    #expect(applied.batch.rejections.map(\.wire.reason) == ["INVALID_CHECK_DIGIT", "MALFORMED_PROTOBUF"])
    #expect(applied.batch.eventTimes.map { $0 == nil } == [false, true, true])
  }

  @Test func longMessagesAreCutAtACharacter() throws {
    let failure = Failure.malformed("X", field: "f", String(repeating: "é", count: 2_000))
    let message = RecordRejection(index: 0, failure: failure).wire.message
    #expect(message.utf8.count <= Limits.errorMessageBytes)
    #expect(message.hasSuffix("é"))
  }
}
