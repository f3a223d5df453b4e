import GRPCCore
import GRPCProtobuf
import Primitives
import SwiftProtobuf
import Testing
import Wire

@testable import RPCServices

@Suite struct DisclosureTests {
  private struct Unmapped: Error { var secret = "/var/lib/cairn/key" }

  private let recorder = LogRecorder()

  private func disclosed(_ error: any Error, isShuttingDown: Bool = false) -> RPCError {
    Disclosure(logger: recorder.logger) { isShuttingDown }
      .rpcError(for: error, method: "s/M", request: "cairn.v1.SubmitRequest")
  }

  @Test(arguments: [Unmapped(), Failure(.bug, "BROKEN", "/var/lib/cairn/key")] as [any Error])
  func whatNobodyMappedIsRedactedAndLoggedUnderTheSameIncident(error: any Error) throws {
    let shown = disclosed(error)
    #expect(shown.code == .internalError)
    let details = try #require(try shown.unpackGoogleRPCStatus()).details
    let info = try #require(details.compactMap(\.errorInfo).first)
    #expect(info.reason == "INTERNAL")
    let incident = try #require(info.metadata["incident"])
    #expect(incident.count == 16)
    #expect(shown.message.contains(incident))
    #expect(!"\(shown.message) \(info.metadata)".contains("/var/lib"))
    let line = try #require(recorder.lines.first)
    #expect(recorder.lines.count == 1)
    #expect(line.contains(incident) && line.contains("/var/lib/cairn/key") && line.contains("s/M"))
  }

  @Test func incidentsAreToldApart() {
    #expect(disclosed(Unmapped()).message != disclosed(Unmapped()).message)
  }

  @Test func aFailureIsShownAsItIsAndNotLogged() {
    let shown = disclosed(Failure(.notFound, "UNKNOWN_KEY", "no such key"))
    #expect(shown.code == .notFound)
    #expect(shown.message == "no such key")
    #expect(recorder.lines.isEmpty)
  }

  @Test func damagedDataIsShownAndLogged() {
    #expect(disclosed(Failure(.corrupt, "ENTRY_MISSING", "entry 7 is gone")).message == "entry 7 is gone")
    #expect(recorder.lines.count == 1)
  }

  @Test(arguments: [[0xff, 0xff], [0x0a, 0x05, 0x01], Array(repeating: 0x0b, count: 1_000)] as [[UInt8]])
  func nonsenseBytesAreTheClientsFault(bytes: [UInt8]) throws {
    let thrown = #expect(throws: RPCError.self) {
      try ProtobufDeserializer<Cairn_V1_SubmitRequest>().deserialize(bytes)
    }
    let shown = disclosed(try #require(thrown))
    #expect(shown.code == .invalidArgument)
    let details = try #require(try shown.unpackGoogleRPCStatus()).details
    #expect(details.compactMap(\.errorInfo).first?.reason == "MALFORMED_PROTOBUF")
    #expect(shown.message.contains("cairn.v1.SubmitRequest"))
    #expect(recorder.lines.isEmpty)
  }

  @Test func grpcsOwnErrorsStay() {
    let error = RPCError(code: .unavailable, message: "Stream unexpectedly closed.")
    #expect(disclosed(error) == error)
  }

  @Test func aCallTheServerEndedMayBeTriedAgain() throws {
    let shown = disclosed(CancellationError(), isShuttingDown: true)
    #expect(shown.code == .unavailable)
    let details = try #require(try shown.unpackGoogleRPCStatus()).details
    #expect(details.contains { $0.retryInfo != nil })
  }

  @Test(arguments: [(nil, .cancelled), (-1, .deadlineExceeded), (1, .deadlineExceeded)] as [(Int?, RPCError.Code)])
  func aCallThatItsClientEndedIsNoShutdown(secondsToDeadline: Int?, code: RPCError.Code) {
    let deadline = secondsToDeadline.map { ContinuousClock.now + .seconds($0) }
    CallDeadline.$current.withValue(deadline) { #expect(disclosed(CancellationError()).code == code) }
  }

  @Test(arguments: [(60, .unavailable), (-1, .deadlineExceeded)] as [(Int, RPCError.Code)])
  func aDeadlineThatPassesDuringAShutdownIsADeadline(secondsToDeadline: Int, code: RPCError.Code) {
    CallDeadline.$current.withValue(.now + .seconds(secondsToDeadline)) {
      #expect(disclosed(CancellationError(), isShuttingDown: true).code == code)
    }
  }
}
