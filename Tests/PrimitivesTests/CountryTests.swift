import Primitives
import Testing

@Suite struct CountryTests {
  @Test func knowsEveryCountry() {
    #expect(Country.codes.count == 249)
    for code in ["CN", "CH", "DE", "US", "AX", "ZW", "SS", "BQ", "TW", "GB"] { #expect(Country.isKnown(code)) }
    for code in ["UK", "EU", "XK", "AN", "cn", "C", "CHE", ""] { #expect(!Country.isKnown(code)) }
  }
}
