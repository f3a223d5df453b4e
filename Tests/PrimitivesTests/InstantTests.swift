import Primitives
import Testing

@Suite struct InstantTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"),
    (1, "1970-01-01T00:00:00.000001Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"),
    (1_795_364_825_250_000, "2026-11-22T16:27:05.25Z"),
    (Instant.earliest.microseconds, "0001-01-01T00:00:00Z"),
    (Instant.latest.microseconds, "9999-12-31T23:59:59.999999Z"),
  ])
  func readsAsRFC3339(microseconds: Int64, text: String) {
    #expect(Instant(microseconds: microseconds).description == text)
  }

  @Test func hasAsManyDigitsAsAskedFor() {
    let instant = Instant(microseconds: 1_795_364_825_059_999)
    #expect(instant.text(fractionDigits: 0) == "2026-11-22T16:27:05Z")
    #expect(instant.text(fractionDigits: 3) == "2026-11-22T16:27:05.059Z")
    #expect(instant.text(fractionDigits: 6) == "2026-11-22T16:27:05.059999Z")
  }
}
