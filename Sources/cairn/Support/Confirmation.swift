import ArgumentParser
import Primitives
import Terminal

/// A last look before something is signed.
enum Confirmation {
  /// Asks on a terminal; elsewhere whoever started the program has decided. Throws where the answer is not yes.
  static func ask(_ question: String) throws {
    guard Console.input.isTerminal, Console.messages.isTerminal else { return }
    Console.messages.write(Array("\(question) [y/N] ".utf8))
    let answer = readLine()?.lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else {
      throw Failure(.preconditionFailed, "NOT_CONFIRMED", "nothing was signed")
    }
  }
}
