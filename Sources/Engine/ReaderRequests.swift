/// CONSUMER.CREATE: without acknowledgements, in memory on one server, forgotten when nobody asks it for messages.
struct ConsumerRequest: Encodable {
  struct Configuration: Encodable {
    var name: String
    var deliver_policy = "by_start_sequence"
    var opt_start_seq: UInt64
    var ack_policy = "none"
    var replay_policy = "instant"
    var max_waiting = 2
    var num_replicas = 1
    var mem_storage = true
    /// Nanoseconds without a request after which it is removed.
    var inactive_threshold: Int64 = 10_000_000_000
  }

  var stream_name: String
  var config: Configuration
  var action = "create"

  init(stream_name: String, name: String, first: UInt64) {
    self.stream_name = stream_name
    config = Configuration(name: name, opt_start_seq: first)
  }
}

struct ConsumerAnswer: Decodable {
  var error: EngineAPI.Refusal?
}

/// CONSUMER.MSG.NEXT: as many messages as come within ten seconds, up to a group, with signs of life; times are nanoseconds.
struct MessagesRequest: Encodable {
  var batch = 16_384
  var max_bytes = EngineOptions.maxGroupBytes
  var expires: Int64 = 10_000_000_000
  var idle_heartbeat: Int64 = 500_000_000
}
