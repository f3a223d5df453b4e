import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Secrets typed by a person.
enum Passphrase {
  private static let interrupt: UInt8 = 3

  /// Asks on the terminal, without echo. Fails with PASSPHRASE_MISSING where there is no terminal.
  static func ask(_ prompt: String) throws(Failure) -> String {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else {
      throw Failure(
        .preconditionFailed, "PASSPHRASE_MISSING", "there is no terminal to ask for a passphrase; set CAIRN_PASSPHRASE")
    }
    defer { close(terminal) }
    var settings = termios()
    tcgetattr(terminal, &settings)
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
    say(prompt, terminal)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n"), line.count < 1_024 { line.append(byte) }
    say("\n", terminal)
    guard !line.contains(interrupt) else {
      throw Failure(.preconditionFailed, "INTERRUPTED", "no passphrase was given")
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// Of a key there is: CAIRN_PASSPHRASE, or asked.
  static func known(asking prompt: String) throws(Failure) -> String {
    if let passphrase = environment["CAIRN_PASSPHRASE"] { return passphrase }
    return try ask(prompt)
  }

  /// For a new key: CAIRN_PASSPHRASE, or asked twice.
  static func new() throws(Failure) -> String {
    if let passphrase = environment["CAIRN_PASSPHRASE"], !passphrase.isEmpty { return passphrase }
    let first = try ask("New passphrase: ")
    guard !first.isEmpty else { throw Failure(.malformed, "PASSPHRASE_EMPTY", "an empty passphrase protects nothing") }
    guard try ask("The same again: ") == first else {
      throw Failure(.malformed, "PASSPHRASE_MISMATCH", "the two passphrases differ; nothing was written")
    }
    return first
  }

  private static func say(_ text: String, _ terminal: Int32) {
    let bytes = Array(text.utf8)
    _ = write(terminal, bytes, bytes.count)
  }
}
