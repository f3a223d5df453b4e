import Synchronization

/// A value that is taken once.
final class Once<Value: Sendable>: Sendable {
  private let content: Mutex<Value?>

  init(_ value: Value) { content = Mutex(value) }

  func take() -> Value? {
    content.withLock { content in
      defer { content = nil }
      return content
    }
  }
}

/// The last value that was set.
final class Latest<Value: Sendable>: Sendable {
  private let content = Mutex<Value?>(nil)

  var value: Value? { content.withLock { $0 } }

  func set(_ value: Value) { content.withLock { $0 = value } }
}
