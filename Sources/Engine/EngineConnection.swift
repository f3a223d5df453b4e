package import Primitives

/// A connection to the ordering engine: a NATS cluster with JetStream. It connects in the background, and again whenever it is lost,
/// until it is closed or its last owner lets it go.
package final class EngineConnection: Sendable {
  let core: EngineCore

  /// Reads the PEM files and starts to connect. `onChange` hears of every change of health, one after the other, and must not block.
  /// Throws ENGINE_OPTIONS where the options cannot be used at all.
  package init(_ options: EngineOptions, onChange: @escaping @Sendable (EngineHealth) -> Void) throws(Failure) {
    core = try EngineCore(options, onChange: onChange)
    core.start()
  }

  deinit { core.close() }

  /// Whether messages can be published now.
  package var health: EngineHealth { core.health }

  /// Reads the PEM files of `options` and connects anew with them, as after a lost connection; throws ENGINE_OPTIONS, and changes
  /// nothing, where they cannot be used.
  package func renew(_ options: EngineOptions) throws(Failure) { try core.renew(options) }

  /// Ends the connection for good: whoever waits is told ENGINE_TIMEOUT, readers end.
  package func close() { core.close() }
}
