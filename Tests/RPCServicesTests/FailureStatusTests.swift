import FoundationEssentials
import GRPCCore
import GRPCProtobuf
import Primitives
import Testing
import Wire

@testable import RPCServices

@Suite struct FailureStatusTests {
  @Test(arguments: [
    (Failure.Kind.malformed, 3), (.unauthenticated, 16), (.forbidden, 7), (.notFound, 5), (.alreadyExists, 6),
    (.conflict, 10), (.preconditionFailed, 9), (.outOfRange, 11), (.exhausted, 8), (.unavailable, 14), (.corrupt, 15),
    (.bug, 13),
  ])
  func eachKindHasItsCanonicalCode(kind: Failure.Kind, code: Int) throws {
    let error = RPCError(Failure(kind, "SOME_REASON", "what was wrong", metadata: ["expected_sequence": "7"]).status)
    #expect(error.code.rawValue == code)
    #expect(error.message == "what was wrong")
    let status = try #require(try error.unpackGoogleRPCStatus())
    #expect(status.code == error.code)
    let info = try #require(status.details.compactMap(\.errorInfo).first)
    #expect(info.reason == "SOME_REASON")
    #expect(info.domain == "cairn.v1")
    #expect(info.metadata == ["expected_sequence": "7"])
  }

  @Test func fieldsAtFaultAreABadRequest() throws {
    let failure = Failure.malformed("INVALID_CHECK_DIGIT", field: "epc_list[0]", "the check digit is 4, not 5")
      .under("records[3].provenance.event")
    let violations = try #require(failure.status.details.compactMap(\.badRequest).first).violations
    #expect(violations.map(\.field) == ["records[3].provenance.event.epc_list[0]"])
    #expect(violations.map(\.violationDescription) == ["the check digit is 4, not 5"])
  }

  @Test(arguments: [
    (Failure.Kind.unavailable, Int?.some(250), Duration?.some(.milliseconds(250))),
    (.unavailable, nil, .milliseconds(RPCLimits.retryMilliseconds)),
    (.exhausted, 40, .milliseconds(40)),
    (.exhausted, -1, .zero),
    (.malformed, nil, nil),
  ])
  func retryInfoIsThereWhereARetryHelps(kind: Failure.Kind, milliseconds: Int?, delay: Duration?) {
    let failure = Failure(kind, "R", "m", retryAfterMilliseconds: milliseconds)
    #expect(failure.status.details.compactMap(\.retryInfo).first?.delay == delay)
  }

  @Test func aHugeFailureFitsTheTrailersOfEveryClient() throws {
    let long = String(repeating: "é", count: 5_000)
    let failure = Failure(
      .malformed, "HUGE", long,
      violations: (0..<10_000).map { .init(field: "records[\($0)]", description: long) },
      metadata: Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("key\($0)", long) }))
    let status = failure.status
    #expect(status.message.hasPrefix("éé"))
    #expect(status.message.hasSuffix("é…"))
    #expect(status.message.utf8.count <= RPCLimits.statusMessageBytes)
    let details: [UInt8] = try status.serializedBytes()
    let percentEncodedMessage = status.message.utf8.count * 3
    #expect(details.count * 4 / 3 + percentEncodedMessage < 8_192)
  }

  @Test func theFirstViolationsSurviveTheCut() {
    let violations = (0..<100).map { Failure.Violation(field: "records[\($0)].a", description: "must be \($0)") }
    let bounded = Failure(.malformed, "R", "m", violations: violations).boundedForTrailers
    #expect(bounded.violations.count > 10)
    #expect(bounded.violations == Array(violations.prefix(bounded.violations.count)))
  }

  @Test func aStreamIsToldWhatAUnaryCallIsTold() {
    let failure = Failure(
      .conflict, "SEQUENCE_GAP", "expected 7", violations: [.init(field: "header.sequence", description: "must be 7")],
      metadata: ["expected_sequence": "7"], retryAfterMilliseconds: 30)
    let error = Cairn_V1_SubmitError(failure, header: Data("abc".utf8))
    #expect(error.code == 10)
    #expect(error.reason == "SEQUENCE_GAP")
    #expect(error.message == "expected 7")
    #expect(error.violations.map(\.field) == ["header.sequence"])
    #expect(error.violations.map(\.description_p) == ["must be 7"])
    #expect(error.metadata == ["expected_sequence": "7"])
    #expect(error.retryAfterMilliseconds == 30)
    #expect(Hex.encode(error.headerDigest) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Cairn_V1_SubmitError(failure, header: Data()).headerDigest.isEmpty)
  }
}
