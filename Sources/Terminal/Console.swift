import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One of the process's standard streams.
package struct Console: Sendable {
  /// What a person types; only asked whether it is a terminal.
  package static let input = Console(descriptor: 0)
  /// Data.
  package static let output = Console(descriptor: 1)
  /// Everything that is said to a person.
  package static let messages = Console(descriptor: 2)

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// Whether a person is at it.
  package var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal; nil where it is none.
  package var width: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// Colours on a terminal that has them, unless NO_COLOR says otherwise (no-color.org).
  package func style(environment: [String: String]) -> Style {
    let isWanted = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    return Style(isOn: isTerminal && isWanted)
  }

  /// Writes a line.
  package func line(_ text: String = "") { write(Array((text + "\n").utf8)) }

  /// Writes bytes. When nobody reads them any more the process ends quietly.
  package func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = UnsafeRawBufferPointer(rebasing: rest).withMemoryRebound(to: UInt8.self) { part in
          posixWrite(descriptor, part.baseAddress, part.count)
        }
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          exit(errno == EPIPE ? 0 : 1)
        }
      }
    }
  }

  private func posixWrite(_ descriptor: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes, count)
    #else
      Darwin.write(descriptor, bytes, count)
    #endif
  }
}

/// Shows progress: a bar that is drawn over on a terminal, a line now and then elsewhere.
package final class ProgressDisplay: Sendable {
  private struct State {
    var done = 0
    var shown = -1
  }

  private static let worthALine = 2_000

  private let bar: ProgressBar
  private let console: Console
  private let state = Mutex(State())

  /// Progress on `console`.
  package init(_ bar: ProgressBar, on console: Console) {
    self.bar = bar
    self.console = console
  }

  /// Counts `count` more.
  package func advance(by count: Int) {
    state.withLock { state in
      state.done += count
      show(&state)
    }
  }

  /// Clears the bar.
  package func finish() {
    guard console.isTerminal else { return }
    console.write(Array("\r\u{1B}[2K".utf8))
  }

  /// One step in a hundred on a terminal; one in ten elsewhere, where there is enough to wait for.
  private func show(_ state: inout State) {
    let width = console.width
    guard width != nil || bar.total >= Self.worthALine else { return }
    let step = bar.total > 0 ? state.done * (width == nil ? 10 : 100) / bar.total : 0
    guard step != state.shown else { return }
    state.shown = step
    if let width {
      console.write(Array("\r\u{1B}[2K\(bar.line(done: state.done, width: width - 1))".utf8))
    } else {
      console.line(bar.words(done: state.done))
    }
  }
}
