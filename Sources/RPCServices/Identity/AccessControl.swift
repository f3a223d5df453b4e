package import Consortium
package import GRPCCore
package import Primitives
package import Queries
import Signing
package import Store
import Synchronization
import Tokens

/// Who makes a call, by the newest published directory; and the end of calls and connections whose key is in force no
/// longer.
package final class AccessControl: Sendable {
  /// A caller that was recognised, and what that rests on.
  private struct Identity: Sendable {
    var key: AuthorKey
    var certificate: PresentedCertificate?
    var tokenExpiresAt: Instant?

    /// When it ends by itself.
    var expiresAt: Instant {
      min(key.notAfter.latest ?? .latest, certificate?.notAfter ?? .latest, tokenExpiresAt ?? .latest)
    }
  }

  private struct Call {
    let method: MethodDescriptor
    var identity: Identity
    var cancellation: ServerContext.RPCCancellationHandle
    var ending: Failure?
  }

  private struct State {
    var calls: [UInt64: Call] = [:]
    var next: UInt64 = 0
    /// No call ends by itself before this time.
    var nextExpiry = Instant.latest
    var revision: UInt64 = 0
  }

  private let views: PublishedView
  private let connections: ConnectionRegistry
  private let now: @Sendable () -> Instant
  private let state: Mutex<State>

  /// Judges by the latest of `views` and the node's clock.
  package init(views: PublishedView, connections: ConnectionRegistry, now: @escaping @Sendable () -> Instant) {
    self.views = views
    self.connections = connections
    self.now = now
    state = Mutex(State(revision: views.current.directory.revision))
  }

  /// A call that began; it counts as running until this value is gone.
  package final class Admission: Sendable {
    /// Who makes it.
    package let caller: Caller
    /// By what the caller was recognised; the certificate where there is a token too.
    package let identification: Queries.Identification
    private let number: UInt64?
    private let access: AccessControl?

    fileprivate init(
      _ caller: Caller, identifiedBy identification: Queries.Identification = .none, number: UInt64? = nil,
      access: AccessControl? = nil
    ) {
      self.caller = caller
      self.identification = identification
      self.number = number
      self.access = access
    }

    /// Why the server ended the call, if it did.
    package var ending: Failure? { number.flatMap { access?.ending(of: $0) } }

    deinit { if let number { access?.remove(number) } }
  }

  /// Lets a call in, or refuses it: unauthenticated for what its credentials lack, forbidden for what its roles lack. A call
  /// that is let in is cancelled through `cancellation` when its key, certificate or token is in force no longer.
  package func admit(
    _ method: MethodDescriptor, _ credentials: Credentials, cancellation: ServerContext.RPCCancellationHandle
  ) async throws(Failure) -> Admission {
    guard let identity = try await identify(credentials) else {
      try RPCPermissions.require(method, of: nil)
      return Admission(.anyone)
    }
    let number = begin(Call(method: method, identity: identity, cancellation: cancellation))
    let admission = Admission(
      .key(identity.key), identifiedBy: identity.certificate == nil ? .token : .certificate, number: number,
      access: self)
    // Only now, since a revocation published from here on finds the call in the list.
    let directory = views.current.directory
    let key = try directory.requireInForce(identity.key.publicKey.id, at: now())
    try RPCPermissions.require(method, of: directory.effectiveRoles(of: key, at: now()))
    return admission
  }

  private func identify(_ credentials: Credentials) async throws(Failure) -> Identity? {
    let view = views.current
    let now = now()
    var identity: Identity?
    if let certificate = credentials.certificate {
      try certificate.requireValid(at: now)
      identity = Identity(key: try view.directory.requireInForce(certificate.keyID, at: now), certificate: certificate)
    }
    guard let text = credentials.token else { return identity }
    let token = try await BearerToken(text, for: view.ledgerID, at: now) { id throws(Failure) in
      try view.directory.requireInForce(id, at: now).publicKey
    }
    if let other = credentials.certificate?.keyID, other != token.keyID {
      throw Failure(
        .unauthenticated, "TWO_IDENTITIES",
        "the client certificate is of key \(other), the bearer token of key \(token.keyID); present one, or both of one key"
      )
    }
    if identity == nil { identity = Identity(key: try view.directory.requireInForce(token.keyID, at: now)) }
    identity?.tokenExpiresAt = token.expiresAt
    return identity
  }

  private func begin(_ call: Call) -> UInt64 {
    state.withLock { state in
      state.next += 1
      state.calls[state.next] = call
      state.nextExpiry = min(state.nextExpiry, call.identity.expiresAt)
      return state.next
    }
  }

  private func remove(_ number: UInt64) {
    state.withLock { _ = $0.calls.removeValue(forKey: number) }
  }

  private func ending(of number: UInt64) -> Failure? {
    state.withLock { $0.calls[number]?.ending }
  }
}

extension AccessControl {
  /// Ends what is in force no longer, whenever the directory changed and whenever something expired, until cancelled.
  /// `clock` measures the time between two looks for what expired.
  package func run(clock: any Clock<Duration> = ContinuousClock()) async {
    await withTaskGroup { group in
      group.addTask {
        for await _ in self.views.changes() { self.enforce(self.views.current.directory) }
      }
      group.addTask {
        while (try? await clock.sleep(for: .seconds(RPCLimits.expiryCheckSeconds))) != nil { self.enforceExpiry() }
      }
    }
  }

  /// Ends what expired.
  package func enforceExpiry() {
    let now = now()
    if state.withLock({ $0.nextExpiry <= now }) { end(views.current.directory, at: now) }
  }

  /// Ends what that directory no longer lets in. Costs nothing where the directory is the one of the last time.
  package func enforce(_ directory: Directory) {
    let hasChanged = state.withLock { state in
      defer { state.revision = directory.revision }
      return state.revision != directory.revision
    }
    if hasChanged { end(directory, at: now()) }
  }

  private func end(_ directory: Directory, at now: Instant) {
    let cancelled = state.withLock { state in
      var cancelled: [ServerContext.RPCCancellationHandle] = []
      state.nextExpiry = .latest
      for (number, var call) in state.calls where call.ending == nil {
        do throws(Failure) {
          try Self.renew(&call, directory, at: now)
          state.nextExpiry = min(state.nextExpiry, call.identity.expiresAt)
        } catch {
          call.ending = error
          cancelled.append(call.cancellation)
        }
        state.calls[number] = call
      }
      return cancelled
    }
    for cancellation in cancelled { cancellation.cancel() }
    // A key that is not registered may yet be, and its holder is told so at each call.
    connections.close { certificate in
      directory.keys[certificate.keyID] != nil && !Self.isInForce(certificate, directory, at: now)
    }
  }

  /// Judges a running call again, by a newer directory or at a later time.
  private static func renew(_ call: inout Call, _ directory: Directory, at now: Instant) throws(Failure) {
    if let expiry = call.identity.tokenExpiresAt, expiry <= now {
      let end = Instant(microseconds: expiry.microseconds - Int64(BearerToken.leewaySeconds) * 1_000_000)
      throw Failure(
        .unauthenticated, "TOKEN_EXPIRED",
        "the token was good until \(end), and the call ran longer; make a new one and call again")
    }
    try call.identity.certificate?.requireValid(at: now)
    call.identity.key = try directory.requireInForce(call.identity.key.publicKey.id, at: now)
    try RPCPermissions.require(call.method, of: directory.effectiveRoles(of: call.identity.key, at: now))
  }

  private static func isInForce(_ certificate: PresentedCertificate, _ directory: Directory, at now: Instant) -> Bool {
    do throws(Failure) {
      try certificate.requireValid(at: now)
      try directory.requireInForce(certificate.keyID, at: now)
      return true
    } catch {
      return false
    }
  }
}
