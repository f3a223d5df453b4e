import Consortium
import FoundationEssentials
import GenesisFile
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct GenesisFileTests {
  @Test("What is written is read again", arguments: [true, false])
  func roundTrip(isSigned: Bool) throws {
    let founders = try Founders()
    let file = isSigned ? try founders.signed() : founders.draft
    let again = try GenesisFile(yaml: Array(try file.yaml.utf8))
    #expect(again.terms == file.terms)
    #expect(again.createdAt == founders.createdAt)
    #expect(again.salt == founders.salt)
    #expect(again.founder == file.founder)
    #expect(try again.yaml == file.yaml)
  }

  @Test("Everyone who has the file founds the same ledger, byte for byte", arguments: Signing.Suite.allCases)
  func sameLedger(suite: Signing.Suite) throws {
    let file = try Founders(suite: suite).signed()
    let text = Array(try file.yaml.utf8)
    let (state, first) = try file.founded()
    let (_, second) = try GenesisFile(yaml: text).founded()
    #expect(first.entry == second.entry)
    #expect(first.batch.records == second.batch.records)
    #expect(try file.ledgerID == state.ledgerID)
    #expect(first.ledgerTime == file.createdAt)
    #expect(state.directory.keys.count == 8)
  }

  @Test("Another hand, another salt, another time: another ledger")
  func otherLedgers() throws {
    let founders = try Founders()
    let first = try #require(try founders.signed().ledgerID)
    var later = GenesisFile(founders.terms, createdAt: Instant(microseconds: 1), salt: founders.salt)
    try later.sign(with: founders.admin)
    var salted = GenesisFile(founders.terms, createdAt: founders.createdAt, salt: Data(repeating: 7, count: 16))
    try salted.sign(with: founders.admin)
    #expect(Set([first, try later.ledgerID, try salted.ledgerID]).count == 3)
    #expect(try founders.draft.ledgerID == nil)
  }

  @Test("Automatic thresholds have the same bytes, stated or not")
  func thresholds() throws {
    let file = try Founders().signed()
    let silent = try file.yaml.split(separator: "\n").filter { !$0.hasPrefix("thresholds") }.joined(separator: "\n")
    #expect(try GenesisFile(yaml: Array(silent.utf8)).founded().1.entry == file.founded().1.entry)
  }

  @Test("Terms that were changed after they were signed found nothing")
  func changedAfterwards() throws {
    let text = try Founders().signed().yaml.replacing("country: \"NO\"", with: "country: \"SE\"", maxReplacements: 1)
    let file = try GenesisFile(yaml: Array(text.utf8))
    #expect(refusal { _ = try file.founded() }?.reason == "INVALID_SIGNATURE")
  }

  @Test("Amended terms are a draft again")
  func amended() throws {
    var file = try Founders().signed()
    try file.amend { $0.thresholds.votes = 3 }
    #expect(file.founder == nil)
    #expect(refusal { _ = try file.founded() }?.reason == "NOT_SIGNED")
  }

  @Test("Only an admin key of the terms signs")
  func strangers() throws {
    var file = try Founders().draft
    let stranger = try PrivateKey.generate(.ed25519)
    #expect(refusal { try file.sign(with: stranger) }?.reason == "FOUNDER_NOT_ADMIN")
  }
}

/// What a body was refused for.
func refusal(_ body: () throws -> Void) -> Failure? {
  do { try body() } catch { return error as? Failure }
  return nil
}
