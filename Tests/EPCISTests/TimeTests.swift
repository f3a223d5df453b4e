import EPCIS
import Primitives
import Testing

@Suite struct TimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.5Z", -500_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999), ("2000-02-29T12:00:00+12:00", 951_782_400_000_000),
    ("2024-12-31T23:59:59.000001-00:30", 1_735_691_399_000_001), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
  ]) func instants(_ text: String, _ microseconds: Int64) throws {
    #expect(try RFC3339(text).instant == Instant(microseconds: microseconds))
  }

  @Test func everyDayOfTheCalendarComesBack() throws {
    let day: Int64 = 86_400_000_000
    for microseconds in stride(
      from: Instant.earliest.microseconds, through: Instant.latest.microseconds, by: 97 * Int(day) + 1)
    {
      let instant = Instant(microseconds: microseconds)
      let text = RFC3339.text(instant, offsetMinutes: 0)
      #expect(try RFC3339(text).instant == instant)
    }
  }

  @Test(arguments: [("Z", 0), ("+00:00", 0), ("-03:30", -210), ("+14:00", 840), ("-14:00", -840)])
  func zoneOffsets(_ text: String, _ minutes: Int) throws {
    #expect(try RFC3339.zoneOffset(text) == minutes)
  }

  @Test(arguments: [
    "", "2026", "2026-01-07", "2026-1-7T07:00:00Z", "2026-01-07t07:00:00z", "2026-01-07T07:00Z",
    "2026-01-07T07:00:00.Z",
    "2026-01-07T07:00:00,5Z", "2026-01-07T07:00:00+0100", "2026-01-07T07:00:00+01:60", "2026-13-07T07:00:00Z",
    "2026-00-07T07:00:00Z", "2026-01-00T07:00:00Z", "2026-04-31T07:00:00Z", "2023-02-29T07:00:00Z",
    "2026-01-07T07:60:00Z",
    "2026-01-07T07:00:61Z", "2026-01-07T07:00:00Z ", "-2026-01-07T07:00:00Z", "12026-01-07T07:00:00Z",
    "２０２６-01-07T07:00:00Z",
  ]) func nonsense(_ text: String) { #expect(failure { try RFC3339(text) }?.reason == "INVALID_TIME") }

  @Test func aLeapSecondIsRefusedWithItsReason() {
    #expect(failure { try RFC3339("2016-12-31T23:59:60Z") }?.message.contains("leap second") == true)
  }
}
