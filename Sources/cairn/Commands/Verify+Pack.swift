import ArgumentParser
import EPCIS
import Ledger
import Primitives
import SwiftProtobuf
import Terminal
import Wire

extension Verify {
  /// An answer with its proofs.
  func verifyPack(_ content: [UInt8], _ trust: EvidenceVerifier.Trust) async throws {
    let verified: VerifiedAnswer
    do throws(Failure) {
      verified = try await AnswerVerifier.verify(try EvidenceFormat.decodePack(content), trust: trust)
    } catch {
      return try refuse(error, nil)
    }
    let report = PackReport(verified)
    if json {
      Console.output.write(JSONWriter.pretty(report.json))
    } else {
      report.lines(style: style, width: Console.output.width).forEach { Console.output.line($0) }
      Console.output.line()
      if !report.isCompromised {
        Console.output.line(style(.good, "verified") + ": every step holds \(trust.words)")
      } else {
        Console.output.line(
          style(.bad, "compromised")
            + ": every step holds \(trust.words), but others had an author's key; do not rely on the events marked !")
      }
    }
    if report.isCompromised { throw ExitCode(ExitStatus.compromised.rawValue) }
  }
}
