import ArgumentParser
import Client
import Primitives
import SwiftProtobuf
import Wire

/// What goes with a change that members vote on.
struct ProposalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Why, for the members who vote.", valueName: "text"))
  var reason = ""

  @Option(
    help: ArgumentHelp("How long votes count, for example 14d or 36h, or until when; at most 90d.", valueName: "time"))
  var expires = Deadline(days: 14)

  @Flag(help: "Print JSON.")
  var json = false

  /// The proposal of that action.
  func proposal(_ action: Cairn_V1_Proposal.OneOf_Action) -> Cairn_V1_Proposal {
    .with {
      $0.action = action
      $0.reason = reason
      $0.expiresAtMicroseconds = expires.instant(from: .now).microseconds
    }
  }
}
