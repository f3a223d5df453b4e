/// One way of sending events.
struct Load: Hashable, Sendable, Codable {
  /// The call that carries batches.
  enum Call: String, Hashable, Sendable, Codable { case stream, unary }

  let call: Call
  /// Events a batch.
  let batchSize: Int
  /// Streams, or unary calls, at the same time.
  let lanes: Int
  /// Events of one measurement.
  let window: Int

  static let stream1000 = Load(call: .stream, batchSize: 1_000, lanes: 4, window: 100_000)
  static let stream100 = Load(call: .stream, batchSize: 100, lanes: 4, window: 50_000)
  static let stream1 = Load(call: .stream, batchSize: 1, lanes: 8, window: 5_000)
  static let unary1000 = Load(call: .unary, batchSize: 1_000, lanes: 8, window: 50_000)
  static let unary1 = Load(call: .unary, batchSize: 1, lanes: 16, window: 2_000)
  static let all = [stream1000, stream100, stream1, unary1000, unary1]

  /// What fills the ledger: the same as `stream1000`, more at a time.
  static let fill = Load(call: .stream, batchSize: 1_000, lanes: 4, window: 250_000)
}
