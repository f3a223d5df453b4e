/// Every limit of the gRPC surface, in one place. The limits of a batch itself are the ledger's.
package enum RPCLimits {
  /// Largest request message in bytes. Twice the largest batch, so that a batch somewhat too large is refused by what is
  /// wrong with it; a message beyond this is refused by its length, before it comes.
  package static let requestBytes = 8 << 20
  /// What a client may send ahead before the server has read it, in bytes, a stream and a connection each.
  package static let windowBytes = 1 << 20
  /// The largest HTTP/2 frame a client may send: a batch in few frames, since each costs the decoder a copy.
  static let frameBytes = 1 << 20
  /// Calls at once on one connection; its client is told so and waits. Receivers of many subscriptions share connections.
  package static let concurrentStreams = 256
  /// Calls at once from one remote host, counted as its connections are.
  package static let callsPerHost = 2_048
  /// Calls at once in all: a receiver for each of the node's subscriptions, and room for others.
  package static let calls = 12_288
  /// What requests that have begun and are not complete may hold, in bytes, of one remote host and in all.
  package static let unfinishedBytesPerHost = 64 << 20
  package static let unfinishedBytes = 256 << 20
  /// The metadata of a call in bytes, 32 more for each entry. A connection that sends twice this is closed by HTTP/2.
  package static let metadataBytes = 8 << 10
  /// How long a call of one request message waits for it, and how much of it must come in each second beyond.
  package static let requestSeconds = 10
  package static let requestBytesPerSecond = 16 << 10
  /// How long an answer waits for FINAL at most, if the client asked for it; then it says how final the batch is.
  package static let finalitySeconds = 10
  /// So long before its client gives up an answer is given, final or not.
  package static let deadlineMarginMilliseconds = 250
  /// Batches of one `SubmitStream` that are read but not yet answered.
  package static let unansweredBatches = 16

  /// Connections at once; one more is closed as soon as it is accepted.
  package static let connections = 4_096
  /// Connections at once from one remote host: an IPv4 address, or an IPv6 network of 64 bits.
  package static let connectionsPerHost = 256
  /// How long a TLS handshake may take.
  static let handshakeSeconds = 10
  /// Most certificates that a client may present, its own and those of its authority.
  static let certificates = 8
  /// What they may take together in DER, in bytes.
  static let certificateBytes = 32 << 10
  /// Between ending the calls of a key that is no longer in force and closing its connection, so that the reason arrives.
  static let partingSeconds = 1
  /// How often the server looks whether a key or a token under which a call runs has expired.
  static let expiryCheckSeconds = 1

  /// A connection without any call is closed after this.
  package static let idleSeconds = 15 * 60
  /// A connection from which nothing was read for this long is asked whether it is still there.
  package static let keepaliveSeconds = 60
  /// How long it has to answer that.
  package static let keepaliveTimeoutSeconds = 20
  /// Clients may ask the same of the server this often.
  package static let clientKeepaliveSeconds = 10
  /// How long calls may go on after a shutdown began; then their connections are closed.
  package static let graceSeconds = 10

  /// Longest status message in bytes. Trailers must fit the 8 KiB that every gRPC client accepts, so the message and the
  /// details of a status are bounded together.
  package static let statusMessageBytes = 512
  /// Longest description of one field violation, and longest value of a metadata entry, in bytes.
  package static let statusDetailBytes = 256
  /// What all violations and metadata of one status may take together, in bytes.
  package static let statusDetailsBytes = 2_048
  /// What a client is told to wait when the server is unavailable and nobody knows better.
  package static let retryMilliseconds = 1_000
}
