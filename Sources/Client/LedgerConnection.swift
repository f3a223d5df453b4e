import GRPCCore
package import GRPCNIOTransportHTTP2Posix
package import Primitives
package import WireRPC

/// A connection to one server, with the generated clients of its services.
package struct LedgerConnection: Sendable {
  /// What the connection runs on.
  package typealias Transport = HTTP2ClientTransport.Posix

  /// Largest message sent or received, in bytes: more than a batch of 4 MiB or evidence of 64 full records.
  package static let maxMessageBytes = 16 << 20

  /// Where the server is.
  package let address: ServerAddress
  /// The one way in.
  package let ledger: Cairn_V1_LedgerService.Client<Transport>
  /// Questions about items.
  package let provenance: Cairn_V1_ProvenanceService.Client<Transport>
  /// Questions about places, parties and products.
  package let masterData: Cairn_V1_MasterDataService.Client<Transport>
  /// Proofs.
  package let audit: Cairn_V1_AuditService.Client<Transport>
  /// Who takes part, and what is being voted on.
  package let consortium: Cairn_V1_ConsortiumService.Client<Transport>
  /// Events as they are recorded.
  package let subscriptions: Cairn_V1_SubscriptionService.Client<Transport>
  /// What the members' nodes ask of each other.
  package let peers: Cairn_V1_PeerService.Client<Transport>

  /// Runs `body` with a connection and closes it afterwards. `serverName` stands in for the address's host when the
  /// server's certificate is checked; `now` dates the client's own certificate and tokens.
  ///
  /// Fails with what `body` throws; what the server or the network refuses is a `Failure` too.
  package static func withConnection<Value: Sendable>(
    to address: ServerAddress, trust: ServerTrust, serverName: String? = nil, as identity: ClientIdentity = .anyone,
    now: @escaping @Sendable () -> Instant = { .now },
    _ body: (LedgerConnection) async throws -> Value
  ) async throws(Failure) -> Value {
    let security = try trust.security(to: address, as: identity, now: now())
    let transport = try transport(to: address, security, serverName: serverName)
    let bearer = try identity.interceptor(isEncrypted: trust != .plaintext, now: now)
    do {
      return try await withGRPCClient(transport: transport, interceptors: bearer.map { [$0] } ?? []) { client in
        let connection = LedgerConnection(address: address, client: client)
        if let bearer, case .key = identity { bearer.setLedger(try await connection.ledgerID()) }
        return try await body(connection)
      }
    } catch {
      throw Failure(anyError: error, server: address)
    }
  }

  private static func transport(
    to address: ServerAddress, _ security: Transport.TransportSecurity, serverName: String?
  ) throws(Failure) -> Transport {
    do {
      return try Transport(
        target: address.target, transportSecurity: security, config: .defaults { $0.http2.authority = serverName })
    } catch {
      throw Failure(
        .preconditionFailed, "TLS_UNUSABLE",
        "TLS cannot be set up; --ca must name a PEM file with one or more certificates (-----BEGIN CERTIFICATE-----)")
    }
  }

  private init(address: ServerAddress, client: GRPCClient<Transport>) {
    self.address = address
    ledger = .init(wrapping: client)
    provenance = .init(wrapping: client)
    masterData = .init(wrapping: client)
    audit = .init(wrapping: client)
    consortium = .init(wrapping: client)
    subscriptions = .init(wrapping: client)
    peers = .init(wrapping: client)
  }

  /// How every call is made.
  static var options: CallOptions {
    var options = CallOptions.defaults
    options.maxRequestMessageBytes = maxMessageBytes
    options.maxResponseMessageBytes = maxMessageBytes
    return options
  }
}

extension ServerAddress {
  fileprivate var target: any ResolvableTarget {
    switch host {
    case .ipv4(let host): .ipv4(address: host, port: port)
    case .ipv6(let host): .ipv6(address: host, port: port)
    case .name(let host): .dns(host: host, port: port)
    }
  }
}
