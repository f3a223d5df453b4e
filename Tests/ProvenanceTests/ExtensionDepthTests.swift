import Primitives
import Provenance
import Testing
import SwiftProtobuf
import Wire

@Suite struct ExtensionDepthTests {
  /// Deeper than any decoder lets through, to see that the check stops by itself.
  @Test(arguments: [25, 26, 100, 500]) func deeperThan24LevelsIsRefused(_ depth: Int) {
    var event = Events.object
    event.extensions = [Events.nested(depth)]
    let failure = #expect(throws: Failure.self) { try ValidatedEvent(event) }
    #expect(failure?.reason == "EXTENSION_TOO_DEEP")
    #expect(failure?.violations.first?.field.hasPrefix("extensions[0].value.") == true)
  }
}
