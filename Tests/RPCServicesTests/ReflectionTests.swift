import FoundationEssentials
import SwiftProtobuf
import Testing
import Wire
import WireRPC

@testable import RPCServices

@Suite struct ReflectionTests {
  private typealias Question = Grpc_Reflection_V1_ServerReflectionRequest

  private let index: DescriptorIndex
  private let reflector: Reflector

  init() throws {
    index = try DescriptorIndex(base64: fileDescriptorSetBase64)
    reflector = Reflector(index: index)
  }

  private func names(_ files: [Data]?) throws -> [String]? {
    try files?.map { try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name }
  }

  private func answer(_ question: Question.OneOf_MessageRequest?) -> Grpc_Reflection_V1_ServerReflectionResponse {
    reflector.answer(
      .with {
        $0.host = "here"
        $0.messageRequest = question
      })
  }

  @Test func theServicesAreThoseTheServerRegisters() {
    #expect(index.services == RPCServiceNames.all.sorted())
    let listed = answer(.listServices("")).listServicesResponse.service.map(\.name)
    #expect(listed == index.services)
  }

  @Test func aFileComesWithEverythingItImportsOnce() throws {
    let files = try #require(try names(index.files(named: "cairn/v1/ledger_service.proto")))
    #expect(files.first == "cairn/v1/ledger_service.proto")
    #expect(
      Set(files.dropFirst()) == [
        "cairn/v1/ledger.proto", "cairn/v1/consortium.proto", "cairn/v1/provenance.proto",
        "cairn/v1/event_filter.proto", "cairn/v1/extension.proto", "cairn/v1/master_data.proto",
      ])
    #expect(files.count == 7)
  }

  @Test(arguments: [
    ("cairn.v1.LedgerService", "cairn/v1/ledger_service.proto"),
    ("cairn.v1.LedgerService.SubmitStream", "cairn/v1/ledger_service.proto"),
    ("cairn.v1.Batch", "cairn/v1/ledger.proto"),
    ("cairn.v1.Batch.records", "cairn/v1/ledger.proto"),
    ("cairn.v1.Record.body", "cairn/v1/ledger.proto"),
    ("cairn.v1.Finality", "cairn/v1/ledger.proto"),
    ("cairn.v1.FINALITY_FINAL", "cairn/v1/ledger.proto"),
    ("cairn.v1.Finality.FINALITY_FINAL", "cairn/v1/ledger.proto"),
    ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
    ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
    ("grpc.health.v1.HealthListResponse.StatusesEntry.key", "grpc/health/v1/health.proto"),
    ("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto"),
    ("grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"),
  ])
  func aSymbolIsFoundInItsFile(symbol: String, file: String) throws {
    #expect(try names(index.files(declaring: symbol))?.first == file)
    let files = answer(.fileContainingSymbol(symbol)).fileDescriptorResponse.fileDescriptorProto
    #expect(try names(files)?.first == file)
  }

  @Test(arguments: [
    Question.OneOf_MessageRequest.fileByFilename("nope.proto"),
    .fileByFilename(""),
    .fileContainingSymbol("cairn.v1"),
    .fileContainingSymbol("cairn.v1.LedgerService.Nope"),
    .fileContainingSymbol(".cairn.v1.Batch"),
    .fileContainingExtension(.with { $0.containingType = "cairn.v1.Batch" }),
    .allExtensionNumbersOfType("cairn.v1.LedgerService"),
  ])
  private func whatIsNotThereIsNotFound(question: Question.OneOf_MessageRequest) {
    let answer = answer(question)
    #expect(answer.errorResponse.errorCode == 5)
    #expect(answer.validHost == "here")
    #expect(answer.originalRequest.messageRequest == question)
  }

  @Test func aMessageHasNoExtensions() {
    let numbers = answer(.allExtensionNumbersOfType("cairn.v1.Batch")).allExtensionNumbersResponse
    #expect(numbers.baseTypeName == "cairn.v1.Batch")
    #expect(numbers.extensionNumber.isEmpty)
  }

  @Test func anEmptyQuestionIsInvalid() {
    #expect(answer(nil).errorResponse.errorCode == 3)
  }

  /// One handler serves both names, so their messages must stay the same.
  @Test func bothVersionsOfReflectionHaveTheSameMessages() throws {
    func messages(_ version: String) throws -> [String] {
      let bytes = try #require(index.files(named: "grpc/reflection/\(version)/reflection.proto")?.first)
      return try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes).messageType
        .map { $0.textFormatString().replacing("grpc.reflection.\(version).", with: "") }
    }
    #expect(try messages("v1") == messages("v1alpha"))
  }

  @Test(arguments: ["not base64!", "/////w=="])
  func unreadableDescriptorsAreRefused(base64: String) {
    #expect(throws: (any Error).self) { try DescriptorIndex(base64: base64) }
  }
}
