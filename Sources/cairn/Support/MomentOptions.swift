import ArgumentParser

/// As of when an answer is.
struct MomentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only what had happened by then: RFC 3339, or a date, which means its first instant in UTC.", valueName: "time"))
  var asOf: Moment?

  @Option(
    help: ArgumentHelp(
      "Only what was recorded by then: RFC 3339, or a date, which means its first instant in UTC.", valueName: "time"))
  var knownAt: Moment?
}
