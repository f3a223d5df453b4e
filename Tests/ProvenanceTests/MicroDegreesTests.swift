import Primitives
import Provenance
import SeededRandom
import Testing

@Suite struct MicroDegreesTests {
  @Test(arguments: [
    ("0", 0), ("-0", 0), ("0.000001", 1), ("-0.000001", -1), ("38.01507", 38_015_070), ("-7.86323", -7_863_230),
    ("180", 180_000_000), ("-180.000000", -180_000_000), ("007.5", 7_500_000),
  ])
  func decimalsAreReadExactly(text: String, value: Int32) throws {
    #expect(try MicroDegrees(text, limit: 180).value == value)
    #expect(MicroDegrees.rounded(text)?.value == value)
  }

  @Test(arguments: [
    "", "-", ".5", "1.", "+1", "1.0000000", "1e1", "1,5", "١", "180.000001", "-181", "1 ", "0x1", "NaN", "1.-5",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(throws: Failure.self) { try MicroDegrees(text, limit: 180) }
  }

  @Test(arguments: [
    ("38.01507049", 38_015_070), ("38.0150705", 38_015_071), ("-38.0150705", -38_015_071), ("+18.25", 18_250_000),
    ("47.3783330000000000000001", 47_378_333), ("179.9999999", 180_000_000),
  ])
  func moreDigitsAreRounded(text: String, value: Int32) {
    #expect(MicroDegrees.rounded(text)?.value == value)
  }

  @Test(arguments: ["180.0000006", "999", "1e1", "", "--1", String(repeating: "1", count: 65)])
  func whatIsNoAngleIsNotRounded(text: String) { #expect(MicroDegrees.rounded(text) == nil) }

  @Test(arguments: [UInt64(1), .random(in: .min ... .max)]) func whatIsWrittenIsReadAgain(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<1_000 {
      let value = Int.random(in: -180_000_000...180_000_000, using: &random)
      let text =
        "\(value < 0 ? "-" : "")\(abs(value) / 1_000_000)." + String(abs(value) % 1_000_000 + 1_000_000).dropFirst()
      let angle = try MicroDegrees(text, limit: 180)
      #expect(Int(angle.value) == value, "seed \(seed)")
      #expect(try MicroDegrees(angle.description, limit: 180) == angle, "seed \(seed)")
    }
  }

  @Test func geoURIsAreRead() throws {
    let point = try GeoPoint(latitude: "38.65", longitude: "-7.207")
    for uri in ["geo:38.650,-7.207", "GEO:38.65,-7.207,120", "geo:38.65,-7.207;u=35", "geo:38.65,-7.207;crs=wgs84"] {
      #expect(GeoPoint(uri: uri) == point)
    }
    for uri in ["geo:38.65", "geo:91,0", "geo:1,181", "geo:1,2;crs=nad27", "geo:a,b", "urn:geo:1,2", "geo:"] {
      #expect(GeoPoint(uri: uri) == nil)
    }
  }
}
