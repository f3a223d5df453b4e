import Consortium
package import Logging
import ServiceLifecycle
package import Store

/// Says in the log what is going to expire: at the start, daily, and when a change of the consortium changes what there is
/// to say.
package struct ExpiryWatch: Service {
  private let views: PublishedView
  private let logger: Logger
  private let forecast: @Sendable () -> ExpiryForecast

  /// Watches the latest of `views` by what `forecast` gives.
  package init(views: PublishedView, logger: Logger, forecast: @escaping @Sendable () -> ExpiryForecast) {
    self.views = views
    self.logger = logger
    self.forecast = forecast
  }

  /// Runs until a graceful shutdown. `clock` measures the days.
  package func run(clock: any Clock<Duration>) async {
    await withTaskGroup { group in
      group.addTask { await self.sayChanges() }
      group.addTask {
        while (try? await clock.sleep(for: .seconds(86_400))) != nil { self.say(forecast().warnings) }
      }
    }
  }

  /// Runs until a graceful shutdown.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await run(clock: ContinuousClock()) }
  }

  private func sayChanges() async {
    var revision: UInt64?
    var said: [ExpiryForecast.Warning] = []
    for await _ in views.changes() {
      let latest = views.current.directory.revision
      guard latest != revision else { continue }
      revision = latest
      let warnings = forecast().warnings
      if warnings != said { say(warnings) }
      said = warnings
    }
  }

  private func say(_ warnings: [ExpiryForecast.Warning]) {
    for warning in warnings { logger.log(level: warning.isUrgent ? .error : .warning, "\(warning.text)") }
  }
}
