import FoundationEssentials
import SwiftProtobuf
package import Wire

/// Answers reflection questions from the server's own descriptors.
package struct Reflector: Sendable {
  private static let notFound: Int32 = 5
  private static let invalidArgument: Int32 = 3
  private let index: DescriptorIndex

  /// Answers from `index`.
  package init(index: DescriptorIndex) {
    self.index = index
  }

  /// The answer to one question; what cannot be answered is an error inside the answer.
  package func answer(_ question: Grpc_Reflection_V1_ServerReflectionRequest)
    -> Grpc_Reflection_V1_ServerReflectionResponse
  {
    .with {
      $0.validHost = question.host
      $0.originalRequest = question
      $0.messageResponse = response(to: question.messageRequest)
    }
  }

  private func response(to question: Grpc_Reflection_V1_ServerReflectionRequest.OneOf_MessageRequest?)
    -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse
  {
    switch question {
    case .fileByFilename(let name):
      return index.files(named: name).map(Self.found) ?? Self.error(Self.notFound, "no such file")
    case .fileContainingSymbol(let symbol):
      return index.files(declaring: symbol).map(Self.found) ?? Self.error(Self.notFound, "no such symbol")
    case .fileContainingExtension:
      return Self.error(Self.notFound, "this server has no extensions")
    case .allExtensionNumbersOfType(let name):
      guard index.hasMessage(name) else { return Self.error(Self.notFound, "no such message") }
      return .allExtensionNumbersResponse(.with { $0.baseTypeName = name })
    case .listServices:
      return .listServicesResponse(
        .with { $0.service = index.services.map { name in .with { $0.name = name } } })
    case nil:
      return Self.error(Self.invalidArgument, "no question; set one field of message_request")
    }
  }

  private static func found(_ files: [Data])
    -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse
  {
    .fileDescriptorResponse(.with { $0.fileDescriptorProto = files })
  }

  private static func error(_ code: Int32, _ message: String)
    -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse
  {
    .errorResponse(
      .with {
        $0.errorCode = code
        $0.errorMessage = message
      })
  }
}
