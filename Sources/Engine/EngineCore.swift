import CNATS
import Dispatch
import Foundation
import Primitives
import Synchronization

/// What the connection and the library's callbacks share.
final class EngineCore: Sendable {
  struct State {
    var health = EngineHealth.away(reason: "not connected yet")
    var isClosed = false
    var options: LibraryOptions
    /// The library closes because its options are others now.
    var isRenewing = false
    var handle: NATSHandle?
    /// Where the answers to our requests arrive; made anew with every connection of the library.
    var inbox: Subscription?
    var replies: [UInt64: PendingReply] = [:]
    var lastToken: UInt64 = 0
    var bytesInFlight = 0
    var watch = Watch()
    var readers: [ObjectIdentifier: WeakReader] = [:]
    var listeners: [UInt64: Listener] = [:]
  }

  struct WeakReader: Sendable { weak var reader: StreamReader? }

  struct Listener: Sendable {
    let subject: String
    let continuation: AsyncStream<Data>.Continuation
    var subscription: Subscription?
  }

  /// How often deadlines and the engine's health are looked at, in milliseconds.
  static let tick = 100
  /// How long to wait until a connection that the library gave up is made anew, in milliseconds.
  static let pause = 1000

  let timeout: Duration
  /// What subjects of JetStream's API begin with.
  let api: String
  /// What every subject that answers to this connection begins with.
  let inboxPrefix = "_INBOX.\(EngineCore.randomToken())"
  let state: Mutex<State>
  /// Everything that may block on a socket, in order.
  let queue = DispatchQueue(label: "engine")
  private let clockQueue = DispatchQueue(label: "engine.clock")
  private let healthQueue = DispatchQueue(label: "engine.health")
  private let onChange: @Sendable (EngineHealth) -> Void

  init(_ options: EngineOptions, onChange: @escaping @Sendable (EngineHealth) -> Void) throws(Failure) {
    self.onChange = onChange
    api = options.api
    timeout = .milliseconds(options.timeoutMilliseconds)
    state = Mutex(State(options: try LibraryOptions(options)))
  }

  /// Letters and digits that nobody guesses, fit for a subject.
  static func randomToken() -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return String((0..<22).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
  }

  var health: EngineHealth { state.withLock { $0.health } }

  /// Connects in the background and begins to look at deadlines.
  func start() {
    queue.async { self.open() }
    scheduleTick()
  }

  private func scheduleTick() {
    clockQueue.asyncAfter(deadline: .now() + .milliseconds(Self.tick)) { [weak self] in
      guard let self, self.health != .closed else { return }
      let now = ContinuousClock.now
      self.expire(now)
      self.watch(now)
      self.scheduleTick()
    }
  }

  // MARK: Connecting, on `queue`

  private func open() {
    guard health != .closed else { return }
    let listener = Unmanaged.passRetained(self)
    var made: OpaquePointer?
    let status = state.withLock { $0.options }.connect(&made, listener: listener.toOpaque())
    guard status == NATS_OK || status == NATS_NOT_YET_CONNECTED, let made else {
      listener.release()
      change { _ in .away(reason: "connecting: \(status.text)") }
      return openLater()
    }
    let handle = NATSHandle(pointer: made)
    state.withLock { $0.handle = handle }
    do throws(Failure) {
      let inbox = try Subscription(
        handle, to: inboxPrefix + ".*", messages: Int32(EngineOptions.maxInFlight) * 2, bytes: 64 << 20
      ) { [weak self] message in self?.answered(message) }
      state.withLock { $0.inbox = inbox }
    } catch {
      change { _ in .away(reason: error.message) }
      return natsConnection_Close(made)
    }
    subscribeListeners()
    if status == NATS_OK { connected() }
  }

  private func openLater() {
    queue.asyncAfter(deadline: .now() + .milliseconds(Self.pause)) { [weak self] in self?.open() }
  }

  // MARK: What the library tells

  /// The library is connected, for the first time or again. Whether a majority of the servers is there is asked next.
  func connected() {
    guard let handle = state.withLock({ $0.handle }) else { return }
    var address = [CChar](repeating: 0, count: 512)
    let status = natsConnection_GetConnectedUrl(handle.pointer, &address, address.count)
    guard status == NATS_OK else { return }
    let text = address.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let server = String(decoding: text, as: UTF8.self)
    change { state in
      guard state.watch.server == nil else { return nil }
      (state.watch.server, state.watch.lookedAt) = (server, nil)
      return .away(reason: "connected to \(server), and no majority of its servers has answered yet")
    }
  }

  /// The library lost its server and looks for another.
  func disconnected() { disconnected("the connection to its server was lost") }

  private func disconnected(_ why: String) {
    change { state in
      state.watch.server = nil
      return .away(reason: why)
    }
  }

  /// The library gave up, because it was closed or because the servers refuse us: then it is made anew. `listener` is released here,
  /// at the library's last word about this connection.
  func gaveUp() {
    let isRenewing = state.withLock { state in
      defer { state.isRenewing = false }
      return state.isRenewing
    }
    disconnected(isRenewing ? "connecting again" : "the servers refuse the connection")
    queue.async {
      let (handle, subscriptions) = self.state.withLock { state -> (NATSHandle?, [Subscription?]) in
        let subscriptions = [state.inbox] + state.listeners.values.map(\.subscription)
        for token in state.listeners.keys { state.listeners[token]?.subscription = nil }
        defer { (state.handle, state.inbox) = (nil, nil) }
        return (state.handle, subscriptions)
      }
      withExtendedLifetime(subscriptions) {}
      if let handle { natsConnection_Destroy(handle.pointer) }
      if isRenewing { self.open() } else if self.health != .closed { self.openLater() }
    }
  }

  /// Connects anew with other options, whose PEM files are read now; where they cannot be used nothing changes.
  func renew(_ options: EngineOptions) throws(Failure) {
    let fresh = try LibraryOptions(options)
    let handle = state.withLock { state -> NATSHandle? in
      state.options = fresh
      state.isRenewing = state.handle != nil
      return state.handle
    }
    // The library answers with `gaveUp`.
    if let handle { queue.async { natsConnection_Close(handle.pointer) } }
  }

  /// The server refuses what we did, without saying which message it means; it names the subject.
  func notPermitted(_ text: String) {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard text.lowercased().contains("publish"), parts.count >= 3 else { return }
    let subject = String(parts[1])
    let refused = state.withLock { state in
      let tokens = state.replies.filter { $0.value.subject == subject }.keys
      return tokens.compactMap { Self.take($0, from: &state) }
    }
    for reply in refused {
      reply.resolve(.failure(.engineRefused("this member may not publish on \(subject)")))
    }
  }

  /// Ends everything, once.
  func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    guard !wasClosed else { return }
    change { _ in .closed }
    queue.async {
      let handle = self.state.withLock { $0.handle }
      // The library answers with `gaveUp`, which lets the connection go.
      if let handle { natsConnection_Close(handle.pointer) }
    }
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.continuation.finish() }
  }

  /// Takes the health that `next` says, if any, and tells everyone where it is another one.
  func change(_ next: @Sendable (inout State) -> EngineHealth?) {
    let (health, lost, readers) = state.withLock { state -> (EngineHealth?, [PendingReply], [StreamReader]) in
      guard let health = next(&state), state.health != health, state.health != .closed else { return (nil, [], []) }
      state.health = health
      healthQueue.async { self.onChange(health) }
      let lost = health.isConnected ? [] : Array(state.replies.values)
      if !health.isConnected { (state.replies, state.bytesInFlight) = ([:], 0) }
      return (health, lost, state.readers.values.compactMap(\.reader))
    }
    guard let health else { return }
    for reply in lost { reply.resolve(.failure(.engineTimeout("the engine went away meanwhile"))) }
    for reader in readers { reader.healthChanged(health) }
  }

  /// Fails what waited for too long.
  private func expire(_ now: ContinuousClock.Instant) {
    let (late, readers) = state.withLock { state in
      let tokens = state.replies.filter { $0.value.deadline <= now }.keys
      return (tokens.compactMap { Self.take($0, from: &state) }, state.readers.values.compactMap(\.reader))
    }
    for reply in late { reply.resolve(.failure(.engineTimeout("nothing came in time"))) }
    for reader in readers { reader.tick(now) }
  }

  /// Takes an awaited answer off the table.
  static func take(_ token: UInt64, from state: inout State) -> PendingReply? {
    guard let reply = state.replies.removeValue(forKey: token) else { return nil }
    state.bytesInFlight -= reply.cost
    return reply
  }
}
