import CNATS
import Foundation
import Primitives

/// The library's options; read by it when it connects, hence unchecked: nothing changes them after `init`, except `connect`, which
/// one queue calls.
final class LibraryOptions: @unchecked Sendable {
  private let pointer: OpaquePointer

  /// Reads the PEM files.
  init(_ options: EngineOptions) throws(Failure) {
    var made: OpaquePointer?
    guard natsOptions_Create(&made) == NATS_OK, let made else { throw .engineAway("no memory for its options") }
    pointer = made
    guard (1...16).contains(options.servers.count) else {
      throw Self.wrong("servers", "1 to 16 servers expected, \(options.servers.count) found")
    }
    var servers = options.servers.map { UnsafePointer(strdup($0)) }
    defer { for server in servers { free(UnsafeMutablePointer(mutating: server)) } }
    try Self.check(natsOptions_SetServers(made, &servers, Int32(servers.count)), "servers")
    try Self.check(natsOptions_LoadCATrustedCertificates(made, options.authorities), "authorities")
    try Self.check(natsOptions_LoadCertificatesChain(made, options.certificate, options.key), "certificate")
    try Self.check(natsOptions_SetSecure(made, true), "secure")
    try Self.check(natsOptions_SetName(made, options.name), "name")
    try Self.check(natsOptions_SetTimeout(made, 2000), "timeout")
    try Self.check(natsOptions_SetPingInterval(made, 5000), "ping")
    try Self.check(natsOptions_SetMaxPingsOut(made, 2), "ping")
    try Self.check(natsOptions_SetMaxReconnect(made, -1), "reconnect")
    try Self.check(natsOptions_SetReconnectWait(made, 500), "reconnect")
    try Self.check(natsOptions_SetReconnectJitter(made, 100, 250), "reconnect")
    // What is published while the library reconnects would come late and out of order: nearly nothing fits.
    try Self.check(natsOptions_SetReconnectBufSize(made, 1), "reconnect")
    try Self.check(natsOptions_SetWriteDeadline(made, 5000), "deadline")
    try Self.check(natsOptions_SetNoEcho(made, true), "echo")
  }

  deinit { natsOptions_Destroy(pointer) }

  /// Tries each server once, then goes on in the background. `listener`, an `EngineCore`, is held until the library closes.
  func connect(_ connection: inout OpaquePointer?, listener: UnsafeMutableRawPointer) -> natsStatus {
    natsOptions_SetRetryOnFailedConnect(pointer, true, { _, core in LibraryOptions.core(core)?.connected() }, listener)
    natsOptions_SetReconnectedCB(pointer, { _, core in LibraryOptions.core(core)?.connected() }, listener)
    natsOptions_SetDisconnectedCB(pointer, { _, core in LibraryOptions.core(core)?.disconnected() }, listener)
    natsOptions_SetClosedCB(
      pointer,
      { _, core in
        guard let core else { return }
        Unmanaged<EngineCore>.fromOpaque(core).takeRetainedValue().gaveUp()
      }, listener)
    natsOptions_SetErrorHandler(
      pointer,
      { connection, _, status, core in
        guard status == NATS_NOT_PERMITTED else { return }
        var text: UnsafePointer<CChar>?
        natsConnection_GetLastError(connection, &text)
        if let text { LibraryOptions.core(core)?.notPermitted(String(cString: text)) }
      }, listener)
    return natsConnection_Connect(&connection, pointer)
  }

  private static func core(_ closure: UnsafeMutableRawPointer?) -> EngineCore? {
    closure.map { Unmanaged<EngineCore>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func check(_ status: natsStatus, _ field: String) throws(Failure) {
    guard status != NATS_OK else { return }
    let detail = nats_GetLastError(nil).map { String(cString: $0) } ?? ""
    throw wrong(field, detail.isEmpty ? status.text : "\(status.text): \(detail)")
  }

  private static func wrong(_ field: String, _ description: String) -> Failure {
    .malformed("ENGINE_OPTIONS", field: "engine.\(field)", description)
  }
}
