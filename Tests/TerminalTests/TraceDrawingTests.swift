import EPCIS
import FoundationEssentials
import SwiftProtobuf
import Terminal
import Testing
import Wire

@Suite struct TraceDrawingTests {
  private static let bottle = "https://id.gs1.org/01/09521321000018/21/B0041"
  private static let lot = "https://id.gs1.org/01/09521321000100/10/EV25-B"
  private static let box = "https://id.gs1.org/00/195213210000000015"

  @Test func aTraceReadsLikeThis() {
    #expect(
      TraceDrawing(Self.trace, style: .plain, width: nil).lines() == [
        "https://id.gs1.org/01/09521321000018/21/B0041",
        "4 nodes · 4 links · 5 events · log size 1,234 · as of 2026-03-01 00:00 · times are UTC",
        "",
        "● (01)09521321000018(21)B0041",
        "│ 2025-11-13 09:30–10:00  (414)9521321000100(254)LINE-2  mill: commissioning, packing",
        "│ 2025-11-14 08:00  (414)9521321000100(254)LINE-2  mill: withdrawn inspecting",
        "├─ made by a transformation  at 2025-11-13 09:30",
        "│  │ 2025-11-13 09:30  (414)9521321000100(254)LINE-2  mill: commissioning",
        "│  └─ from (01)09521321000100(10)EV25-B  15.0 LTR at 2025-11-13 09:30",
        "│       2025-11-13 09:30  (414)9521321000100(254)LINE-2  mill: commissioning",
        "│       DEPTH_LIMIT: it goes on; --depth 2 ends here",
        "└─ in (00)195213210000000015  2025-11-13 10:00 … 12-24 07:05",
        "   │ 2025-11-13 10:00  (414)9521321000100(254)LINE-2  mill: packing",
        "   │ 2025-12-24 07:05  carrier: unpacking, into the hands of urn:x:shop",
        "   │ FORBIDDEN: it has other events, which are not open to you",
        "   └─ covers (01)09521321000018(21)B0041  since 2025-11-13 10:00 (above)",
      ])
  }

  @Test func aDeclarationWithoutItsEventIsDrawn() {
    var trace = Self.trace
    trace.nodes[0].events = [0, 3]
    trace.events[2].recorded.event.eventID = "urn:x:another"
    let lines = TraceDrawing(trace, style: .plain, width: 120).lines()
    #expect(lines[4] == "│ 2025-11-13 09:30  (414)9521321000100(254)LINE-2  mill: commissioning")
    #expect(lines[5].hasSuffix("mill: declares an error in inspecting, which is not here"))
  }

  @Test(arguments: [20, 40, 60, 80, 100]) func linesFitButNoNameIsCut(width: Int) {
    let lines = TraceDrawing(Self.trace, style: .plain, width: width).lines()
    for id in ["(01)09521321000018(21)B0041", "(01)09521321000100(10)EV25-B", "(00)195213210000000015"] {
      #expect(lines.contains { $0.contains(id) })
    }
    for line in lines.dropFirst(2) where !line.contains("─ ") && !line.contains("_LIMIT") && !line.contains("FORBIDDEN")
    {
      #expect(line.displayWidth <= max(width, 34), "\(line)")
    }
  }

  @Test func whatIsDescribedHasItsName() throws {
    var trace = Self.trace
    trace.described = [
      Self.described("https://id.gs1.org/01/09521321000018", .product, "Oil \"0.5 l\""),
      Self.described("https://id.gs1.org/414/9521321000100", .place, "Mill"),
      Self.described("urn:x:shop", .party, "Shop"),
    ]
    let lines = TraceDrawing(trace, style: .plain, width: nil).lines()
    #expect(lines.contains("● Oil \"0.5 l\" · (01)09521321000018(21)B0041"))
    #expect(lines.contains { $0.contains("Mill · (414)9521321000100(254)LINE-2") })
    #expect(lines.contains { $0.contains("into the hands of Shop · urn:x:shop") })
    #expect(TraceDOT.text(trace).contains(#"label="Oil \"0.5 l\"\n(01)09521321000018(21)B0041""#))
    let state = Cairn_V1_GetItemResponse.with {
      $0.item = Self.bottle
      $0.place.id = "https://id.gs1.org/414/9521321000100/254/LINE-2"
      $0.owner.value = "urn:x:shop"
      $0.described = trace.described
    }
    let card = ItemCard(state, style: .plain, width: nil).lines()
    #expect(card[1] == "Oil \"0.5 l\"")
    #expect(card.contains { $0.contains("Mill · (414)9521321000100(254)LINE-2") })
    #expect(card.contains { $0.contains("Shop · urn:x:shop") })
    for json in [try trace.json, try state.json] {
      guard case .object(let members) = json else { Issue.record("no object"); continue }
      let described = members.first { $0.name == "described" }?.value
      guard case .array(let entries) = described else { Issue.record("nothing is described"); continue }
      #expect(entries.count == 3)
    }
  }

  private static func described(
    _ subject: String, _ kind: Cairn_V1_MasterDataKind, _ name: String
  ) -> Cairn_V1_MasterDataEntry {
    .with {
      $0.subject = subject
      $0.shown.masterData.subject = subject
      $0.shown.masterData.kind = kind
      $0.shown.masterData.names = [.with { $0.text = name }]
    }
  }

  @Test func nothingReachesTheTerminalOrGraphvizRaw() throws {
    var trace = Self.trace
    trace.summary.item = "\u{1B}[2Jitem"
    trace.nodes[0].id = "\r● forged\u{202E}"
    trace.nodes[1].id = "\"]; evil [label=\"\n"
    trace.nodes[1].kind = .item
    trace.events[0].recorded.memberID = "mill\u{1B}]0;owned\u{07}"
    trace.events[0].recorded.event.readPoint.id = "place\nfeed"
    trace.edges[0].spans[0].quantities = [
      .with {
        $0.number = "1\u{7F}"
        $0.uom = "\u{9B}31m"
      }
    ]
    for width in [nil, 1, 30, 100] {
      for line in TraceDrawing(trace, style: .plain, width: width).lines() {
        #expect(
          !line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E })
      }
    }
    let graph = TraceDOT.text(trace)
    #expect(graph.contains(#"n1 [label="\"]; evil [label=\"\n"];"#))
    for line in graph.split(separator: "\n") where line.contains("label") {
      let quotes = line.replacing("\\\\", with: "").replacing("\\\"", with: "").count { $0 == "\"" }
      #expect(quotes == 2 || quotes == 0 || line.contains("fontname"), "\(line)")
    }
  }

  @Test func whateverAServerGivesIsDrawn() {
    var trace = Self.trace
    trace.edges.append(.link(.contained, 7, 0))
    trace.edges.append(.link(.contained, 0, 0))
    trace.edges.append(.link(.unspecified, 3, 0))
    trace.nodes[0].events = [0, 99, .max]
    trace.events[1].eventTimeMicroseconds = .min
    trace.stubs.append(
      .with {
        $0.node = 99
        $0.reason = .UNRECOGNIZED(77)
      })
    trace.nodes += (0..<3_000).map { number in .with { $0.id = "urn:x:\(number)" } }
    trace.edges += (4..<3_003).map { .link(.contained, $0, $0 + 1) } + [.link(.contained, 3, 4)]
    let lines = TraceDrawing(trace, style: .plain, width: 80).lines()
    #expect(lines.count > 200)
    #expect(TraceDrawing(.init(), style: .plain, width: 80).lines().count == 2)
    #expect(TraceDOT.text(trace).hasPrefix("digraph trace {"))
  }

  @Test func anItemsStateReadsLikeThis() {
    let event = Cairn_V1_EventReference.with {
      $0.eventTimeMicroseconds = 1_763_028_000_000_000
      $0.memberID = "mill"
      $0.position = 4
      $0.recordIndex = 1
    }
    let state = Cairn_V1_GetItemResponse.with {
      $0.item = Self.bottle
      $0.eventCount = 3
      $0.logSize = 12
      $0.forbiddenEvents = true
      $0.place.id = "https://id.gs1.org/414/9521321000100/254/LINE-2"
      $0.place.event = event
      $0.disposition.value = "https://ref.gs1.org/cbv/Disp-in_progress"
      $0.disposition.event = event
      $0.possessor.value = "https://id.gs1.org/417/9521321000001"
      $0.possessor.event = event
      $0.lastMemberID = "mill"
      $0.createdBy = event
      $0.childCount = 7
      $0.children = (0..<7).map { number in
        .with {
          $0.kind = .contained
          $0.id = "urn:x:\(number)"
          $0.since = event
        }
      }
      $0.quantities = [
        .with {
          $0.number = "1.50"
          $0.uom = "LTR"
        }
      ]
      $0.lastEvent = Self.trace.events[1]
    }
    #expect(
      ItemCard(state, style: .plain, width: 80).lines() == [
        Self.bottle,
        "3 events · log size 12 · times are UTC",
        "FORBIDDEN: it or what it is in has other events, which are not open to you",
        "",
        "place        (414)9521321000100(254)LINE-2  since 2025-11-13 10:00",
        "disposition  in_progress  since 2025-11-13 10:00",
        "in hands of  (417)9521321000001  since 2025-11-13 10:00",
        "last word    mill",
        "amount       1.50 LTR",
        "made         2025-11-13 10:00, mill, record 4.1",
        "holds        urn:x:0  since 2025-11-13 10:00",
        "holds        urn:x:1  since 2025-11-13 10:00",
        "holds        urn:x:2  since 2025-11-13 10:00",
        "holds        urn:x:3  since 2025-11-13 10:00",
        "holds        urn:x:4  since 2025-11-13 10:00",
        "holds        and 2 more; --json lists up to 1,000",
        "last event   2025-11-13 10:00  packing at (414)9521321000100(254)LINE-2, mill",
      ])
  }

  @Test func dataHoldsEverything() throws {
    let json = try Self.trace.json
    #expect(json["item"] == .text(Self.bottle))
    #expect(json["asOf"] == .text("2026-03-01T00:00:00Z"))
    #expect(json["knownAt"] == nil)
    guard case .array(let nodes)? = json["nodes"], case .array(let events)? = json["events"] else {
      Issue.record("no lists")
      return
    }
    #expect(nodes.map { $0["kind"] } == ["ITEM", "TRANSFORMATION", "ITEM", "ITEM"].map { .text($0) })
    #expect(events[2]["standing"] == .text("WITHDRAWN"))
    #expect(events[2]["event"]?["bizStep"] == .text("inspecting"))
  }

  /// A bottle made from a lot and packed into a box: packing was seen twice over, as containment and as a transaction.
  private static var trace: Cairn_V1_TraceResponse {
    .with {
      $0.summary = .with {
        $0.item = bottle
        $0.logSize = 1_234
        $0.maximumDepth = 2
        $0.maximumNodes = 1_000
        $0.asOf.microseconds = 1_772_323_200_000_000
      }
      $0.nodes = [
        .thing(.item, bottle, [0, 1, 2]), .thing(.transformation, "", [0]), .thing(.item, lot, [0]),
        .thing(.item, box, [1, 3, 4]),
      ]
      var made = Cairn_V1_TraceEdge.link(.transformed, 2, 1, from: 1_763_026_200_000_000, before: 1_763_026_200_000_001)
      made.spans[0].quantities = [
        .with {
          $0.number = "15.0"
          $0.uom = "LTR"
        }
      ]
      $0.edges = [
        made, .link(.transformed, 1, 0, from: 1_763_026_200_000_000, before: 1_763_026_200_000_001),
        .link(.contained, 0, 3, from: 1_763_028_000_000_000, before: 1_766_559_900_000_000),
        .link(.transacted, 0, 3, from: 1_763_028_000_000_000),
      ]
      $0.stubs = [
        .with {
          $0.node = 2
          $0.reason = .depthLimit
        },
        .with {
          $0.node = 3
          $0.reason = .forbidden
        },
      ]
      $0.events = [
        .seen("commissioning", at: 1_763_026_200_000_000), .seen("packing", at: 1_763_028_000_000_000),
        .seen("inspecting", at: 1_763_107_200_000_000, standing: .withdrawn),
        .seen("inspecting", at: 1_763_107_200_000_000, standing: .declaration),
        .seen("unpacking", at: 1_766_559_900_000_000, by: "carrier", place: "", to: "urn:x:shop"),
      ]
    }
  }
}

extension Cairn_V1_TraceNode {
  fileprivate static func thing(_ kind: Cairn_V1_TraceNodeKind, _ id: String, _ events: [UInt32]) -> Self {
    .with {
      $0.kind = kind
      $0.id = id
      $0.events = events
    }
  }
}

extension Cairn_V1_TraceEdge {
  fileprivate static func link(
    _ kind: Cairn_V1_TraceEdgeKind, _ from: UInt32, _ to: UInt32, from start: Int64 = 0, before end: Int64? = nil
  ) -> Self {
    .with {
      $0.kind = kind
      $0.fromNode = from
      $0.toNode = to
      $0.spans = [
        .with {
          $0.during.from.microseconds = start
          if let end { $0.during.before.microseconds = end }
        }
      ]
    }
  }
}

extension Cairn_V1_TracedEvent {
  fileprivate static func seen(
    _ step: String, at time: Int64, standing: Cairn_V1_EventStanding = .effective, by member: String = "mill",
    place: String = "https://id.gs1.org/414/9521321000100/254/LINE-2", to party: String = ""
  ) -> Self {
    .with {
      $0.standing = standing
      $0.eventTimeMicroseconds = time
      $0.recorded.memberID = member
      $0.recorded.event = .with {
        $0.type = .object
        $0.action = .observe
        $0.eventTime.microseconds = time
        $0.bizStep = step
        if !place.isEmpty { $0.readPoint.id = place }
        if !party.isEmpty {
          $0.destinationList.destinations = [
            .with {
              $0.type = "possessing_party"
              $0.destination = party
            }
          ]
        }
      }
    }
  }
}
