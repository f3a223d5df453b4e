package import FoundationEssentials
import Primitives
import SwiftProtobuf

/// The server's .proto files, found by file name and by everything they declare.
package struct DescriptorIndex: Sendable {
  private struct File {
    var serialized: Data
    var imports: [String]
  }

  private var files: [String: File] = [:]
  private var fileBySymbol: [String: String] = [:]
  private var messages: Set<String> = []
  /// Full names of all services, sorted.
  package private(set) var services: [String] = []

  /// Reads a serialized google.protobuf.FileDescriptorSet in base64; anything else is a bug of the build.
  package init(base64: String) throws {
    guard let bytes = Data(base64Encoded: base64) else {
      throw Failure(.bug, "DESCRIPTORS_UNREADABLE", "the built-in descriptors are not base64")
    }
    for file in try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes).file { try add(file) }
    services.sort()
  }

  /// The serialized file of this name, then all it imports, each once; nil when there is no such file.
  package func files(named name: String) -> [Data]? {
    guard files[name] != nil else { return nil }
    var names = [name]
    var index = 0
    while index < names.count {
      for name in files[names[index]]?.imports ?? [] where !names.contains(name) { names.append(name) }
      index += 1
    }
    return names.compactMap { files[$0]?.serialized }
  }

  /// The file that declares a service, method, message, field, oneof, enum or enum value, then all it imports.
  package func files(declaring symbol: String) -> [Data]? {
    fileBySymbol[symbol].flatMap(files(named:))
  }

  /// Whether there is a message of this full name.
  package func hasMessage(_ name: String) -> Bool { messages.contains(name) }

  private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) throws {
    files[file.name] = File(serialized: try file.serializedBytes(), imports: file.dependency)
    let scope = file.package.isEmpty ? "" : file.package + "."
    for message in file.messageType { add(message, scope: scope, file: file.name) }
    for type in file.enumType { add(type, scope: scope, file: file.name) }
    for service in file.service {
      let name = scope + service.name
      services.append(name)
      fileBySymbol[name] = file.name
      for method in service.method { fileBySymbol["\(name).\(method.name)"] = file.name }
    }
  }

  private mutating func add(_ message: Google_Protobuf_DescriptorProto, scope: String, file: String) {
    let name = scope + message.name
    messages.insert(name)
    fileBySymbol[name] = file
    for field in message.field { fileBySymbol["\(name).\(field.name)"] = file }
    for oneof in message.oneofDecl { fileBySymbol["\(name).\(oneof.name)"] = file }
    for nested in message.nestedType { add(nested, scope: name + ".", file: file) }
    for type in message.enumType { add(type, scope: name + ".", file: file) }
  }

  /// Values are declared beside their enum, as in C++; tools also ask for them inside it.
  private mutating func add(_ type: Google_Protobuf_EnumDescriptorProto, scope: String, file: String) {
    fileBySymbol[scope + type.name] = file
    for value in type.value {
      fileBySymbol[scope + value.name] = file
      fileBySymbol["\(scope)\(type.name).\(value.name)"] = file
    }
  }
}
