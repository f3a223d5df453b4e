import Consensus

/// A message as the engine keeps it: what it says, and what tells it from every other.
struct Message: Sendable {
  let number: Int
  let item: Item
}

/// What a message of the stream says.
enum Item: Sendable {
  /// The batch at that place of an author's chain.
  case batch(chain: Int, index: Int)
  case mark(VerifiedMark)
  case opening(EpochOpening)
}

/// The engine: one sequence of messages, or, when it lies, several, of which it shows each node one.
struct Engine {
  struct Stream {
    /// When it was created, as the engine tells it.
    var identity: Int
    /// The sequences it shows; one as long as it is honest.
    var branches: [[Message]] = [[]]
  }

  /// By epoch.
  var streams: [UInt64: Stream] = [1: Stream(identity: 1)]
  /// Which sequence each node is shown.
  var branch: [Int]
  var isAway = false
  private var identities = 1
  private var messages = 0

  init(nodes: Int) { branch = Array(repeating: 0, count: nodes) }

  /// What the engine shows a node of an epoch.
  func view(_ epoch: UInt64, for node: Int) -> (identity: Int, messages: [Message])? {
    guard !isAway, let stream = streams[epoch] else { return nil }
    return (stream.identity, stream.branches[min(branch[node], stream.branches.count - 1)])
  }

  mutating func publish(_ item: Item, epoch: UInt64, by node: Int) {
    guard !isAway, let stream = streams[epoch] else { return }
    let message = message(item)
    streams[epoch]?.branches[min(branch[node], stream.branches.count - 1)].append(message)
  }

  /// Shows some nodes a sequence of their own from now on.
  mutating func fork(_ epoch: UInt64, _ nodes: [Int]) {
    guard let stream = streams[epoch], stream.branches.count == 1 else { return }
    streams[epoch]?.branches.append(stream.branches[0])
    for node in nodes { branch[node] = 1 }
  }

  /// Forgets the last messages, and does not tell.
  mutating func rollBack(_ epoch: UInt64, by count: Int) {
    guard let stream = streams[epoch] else { return }
    streams[epoch]?.branches = stream.branches.map { $0.dropLast(count) }
  }

  /// Loses everything; another stream has the name.
  mutating func lose(_ epoch: UInt64) {
    identities += 1
    streams[epoch] = Stream(identity: identities)
  }

  /// A new stream, unless there is one.
  mutating func create(_ epoch: UInt64, with opening: EpochOpening) {
    guard streams[epoch] == nil else { return }
    identities += 1
    streams[epoch] = Stream(identity: identities, branches: [[message(.opening(opening))]])
    branch = branch.map { _ in 0 }
  }

  private mutating func message(_ item: Item) -> Message {
    messages += 1
    return Message(number: messages, item: item)
  }
}
