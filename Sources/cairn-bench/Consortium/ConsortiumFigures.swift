import Foundation

/// Everything one run measured of consortia.
struct ConsortiumFigures: Sendable, Codable {
  let machine: Machine
  let engines: Int
  var sizes: [Size] = []

  /// A consortium with so many members.
  struct Size: Sendable, Codable {
    let members: Int
    let measured: [Measured]
  }

  /// One way of sending.
  struct Measured: Sendable, Codable {
    let load: Load
    var windows: [Window] = []
    /// Events a second that the engine alone acknowledges.
    var engineRates: [Double] = []
    /// The same while SQLite alone writes the events once for each member, or how fast that is where it is slower.
    var limitRates: [Double] = []
    /// Milliseconds until FINAL, under the load and one batch at a time.
    var latencies: [Double] = []
    var single: [Double] = []

    var rate: Double { Samples(windows.map(\.rate)).median }
    var engineRate: Double { Samples(engineRates).median }
    var limitRate: Double { Samples(limitRates).median }
    var nodeMicroseconds: Double { Samples(windows.map(\.nodeMicroseconds)).median }
    var engineMicroseconds: Double { Samples(windows.map(\.engineMicroseconds)).median }
  }

  /// One measurement.
  struct Window: Sendable, Codable {
    /// FINAL events a second.
    let rate: Double
    /// CPU time an event, of all nodes and of all the engine's servers.
    let nodeMicroseconds, engineMicroseconds: Double
  }

  /// The figures as JSON.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: url)
  }
}
