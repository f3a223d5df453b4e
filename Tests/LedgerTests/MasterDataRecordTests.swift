import Consortium
import FoundationEssentials
import Ledger
import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

@Suite struct MasterDataRecordTests {
  private static let description = Cairn_V1_MasterData.with {
    $0.subject = "urn:epc:id:sgln:9521321.00010.DOCK-1"
    $0.kind = .place
    $0.names = [.with { $0.text = "Dock 1" }]
  }

  private func record(_ data: Cairn_V1_MasterData) throws -> Data {
    try BatchBuilder.serialize(Cairn_V1_Record(masterData: data, salt: TestLedger.salt))
  }

  @Test func aDescriptionIsARecordOfItsOwnFamily() throws {
    let parsed = try ParsedRecord(try record(Self.description))
    #expect(parsed.family == .masterData)
    #expect(parsed.eventTime == nil)
    #expect(parsed.visibility == .members)
    guard case .masterData(let data) = parsed.body else { throw Failure(.bug, "NO_MASTER_DATA", "") }
    #expect(data.subject == "https://id.gs1.org/414/9521321000100/254/DOCK-1")
  }

  @Test func itIsFoundByItsSubject() throws {
    let terms = Admission.terms(of: try record(Self.description))
    #expect(terms == [.masterData("https://id.gs1.org/414/9521321000100/254/DOCK-1"), .allMasterData])
    #expect(Set(terms).isDisjoint(with: [.item("https://id.gs1.org/414/9521321000100/254/DOCK-1"), .item("")]))
  }

  @Test func whatIsWrongIsSaidByItsPath() throws {
    var data = Self.description
    data.names[0].text = ""
    let bytes = try record(data)
    let failure = #expect(throws: Failure.self) { try ParsedRecord(bytes) }
    #expect(failure?.violations.map(\.field) == ["provenance.master_data.names[0].text"])
  }

  @Test(arguments: Role.allCases) func onlyOperatorsDescribe(role: Role) {
    #expect(role.mayAuthor(.masterData) == (role == .operator))
    #expect(role.mayAuthor(.provenance) == (role == .operator || role == .device))
  }
}
