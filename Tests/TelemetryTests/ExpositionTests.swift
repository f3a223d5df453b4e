import Telemetry
import Testing

@Suite struct ExpositionTests {
  @Test func figuresAreDescribedAndLabelled() {
    var page = Exposition()
    page.add("cairn_log_size", .gauge, "Entries.", [.init(7)])
    page.add("cairn_keys", .gauge, "Keys.", [.init(2, ["role": "admin"]), .init(-1, ["role": "node", "member": "m"])])
    page.add("cairn_none_total", .counter, "Nothing yet.", [])
    #expect(
      page.text == """
        # HELP cairn_log_size Entries.
        # TYPE cairn_log_size gauge
        cairn_log_size 7
        # HELP cairn_keys Keys.
        # TYPE cairn_keys gauge
        cairn_keys{role="admin"} 2
        cairn_keys{role="node",member="m"} -1
        # HELP cairn_none_total Nothing yet.
        # TYPE cairn_none_total counter

        """)
  }

  @Test func whatWouldEndALabelIsEscaped() {
    var page = Exposition()
    page.add("a", .gauge, "back\\slash\nand \"quotes\"", [.init(UInt64.max, ["label": "\"\\\n é"])])
    #expect(
      page.text
        == "# HELP a back\\\\slash\\nand \"quotes\"\n# TYPE a gauge\na{label=\"\\\"\\\\\\n é\"} 9223372036854775807\n")
  }
}
