/// Where the engine's servers are and how this member shows who it is.
package struct EngineOptions: Hashable, Sendable {
  /// For example `tls://127.0.0.1:4222`; servers that these tell of are learnt. 1 to 16 of them.
  package var servers: [String]
  /// File with the PEM certificates of the authorities that the servers' certificates come from.
  package var authorities: String
  /// File with this member's PEM certificate and those between it and its authority.
  package var certificate: String
  /// File with the PEM key of the certificate.
  package var key: String
  /// What the servers call this connection in their logs.
  package var name: String
  /// What subjects of JetStream's API begin with: `ENGINE.API` in an account that reaches the stream through imports as `ops/lib/engine`
  /// writes them, `$JS.API` in the account that owns the stream.
  package var api: String
  /// How long an answer may take, in milliseconds, until a message's outcome counts as unknown.
  package var timeoutMilliseconds: Int

  /// Messages that may wait for their acknowledgement; one more is refused with ENGINE_BUSY.
  package static let maxInFlight = 1024
  /// Bytes of messages that may wait for their acknowledgement.
  package static let maxBytesInFlight = 32 << 20
  /// Bytes of messages in one group of a reader.
  package static let maxGroupBytes = 4 << 20

  /// Names the servers and the three PEM files.
  package init(
    servers: [String], authorities: String, certificate: String, key: String, name: String,
    api: String = "ENGINE.API", timeoutMilliseconds: Int = 5000
  ) {
    self.servers = servers
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.name = name
    self.api = api
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}
