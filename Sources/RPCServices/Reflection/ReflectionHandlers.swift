import GRPCCore
import GRPCProtobuf
import Wire
import WireRPC

/// grpc.reflection under both of its names. The messages of v1alpha are byte for byte those of v1, so one handler serves both.
struct ReflectionHandlers: RegistrableRPCService {
  let reflector: Reflector

  func registerMethods(with router: inout RPCRouter<some ServerTransport>) {
    let methods = [
      Grpc_Reflection_V1_ServerReflection.Method.ServerReflectionInfo.descriptor,
      Grpc_Reflection_V1alpha_ServerReflection.Method.ServerReflectionInfo.descriptor,
    ]
    for method in methods {
      router.registerHandler(
        forMethod: method,
        deserializer: ProtobufDeserializer<Grpc_Reflection_V1_ServerReflectionRequest>(),
        serializer: ProtobufSerializer<Grpc_Reflection_V1_ServerReflectionResponse>()
      ) { request, _ in
        StreamingServerResponse { writer in
          for try await question in request.messages { try await writer.write(reflector.answer(question)) }
          return [:]
        }
      }
    }
  }
}
