import SwiftProtobuf
import Wire

/// Events with something in every field that a query can ask about.
extension Events {
  static let asset = "urn:epc:id:grai:0614141.12345.400"
  static let shelf = "urn:epc:id:sgln:0614141.07346.0"
  static let shelfLink = "https://id.gs1.org/414/0614141073467"

  /// An object event with extension fields of every kind of value, and the context that says what they mean.
  static var extended: Cairn_V1_Event {
    var event = object
    event.contexts = [
      .with { $0.url = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld" },
      .with {
        $0.terms.extensions = [
          text("example", "https://ns.example.com/epcis/"),
          .with {
            $0.name = "tint"
            $0.value.object.extensions = [text("@id", "https://ns.example.com/epcis/tint")]
          },
        ]
      },
    ]
    event.extensions = [
      text("example:colour", "red"), text("tint", "pale"), number("example:weight", "12.50"),
      text("example:length", "7"), text("example:packedAt", "2026-03-01T09:30:00+01:00"),
      .with {
        $0.name = "example:sealed"
        $0.value.boolean = true
      },
      .with {
        $0.name = "example:tags"
        $0.value.list.values = [.with { $0.text = "a" }, .with { $0.text = "b" }]
      },
      .with {
        $0.name = "example:box"
        $0.value.object.extensions = [
          .with {
            $0.name = "example:inside"
            $0.value.list.values = [.with { $0.object.extensions = [number("example:depth", "3")] }]
          }
        ]
      },
    ]
    event.readPoint.extensions = [text("example:gate", "G7")]
    event.bizLocation.extensions = [number("example:floor", "-2")]
    return event
  }

  /// An object event that makes an item and says what it is.
  static var commission: Cairn_V1_Event {
    var event = object
    event.action = .add
    event.ilmd.extensions = [
      text("cbvmda:lotNumber", "L7"), text("cbvmda:itemExpirationDate", "2028-06-30T00:00:00Z"),
      .with {
        $0.name = "example:recipe"
        $0.value.object.extensions = [number("example:grams", "250")]
      },
    ]
    return event
  }

  /// The correction of an event.
  static var correction: Cairn_V1_Event {
    var event = object
    event.errorDeclaration = .with {
      $0.declarationTime = "2026-03-01T12:00:00Z"
      $0.reason = "incorrect_data"
      $0.correctiveEventIds.values = ["urn:uuid:1", "urn:uuid:2"]
      $0.extensions = [
        text("example:by", "Ana"),
        .with {
          $0.name = "example:audit"
          $0.value.object.extensions = [number("example:case", "19")]
        },
      ]
    }
    return event
  }

  /// Two sensor elements that between them use every field.
  static var sensors: Cairn_V1_Event {
    var event = sensor
    event.sensorElementList.elements[0].metadata.startTime = "2019-04-02T13:00:00Z"
    event.sensorElementList.elements[0].metadata.endTime = "2019-04-02T14:00:00Z"
    event.sensorElementList.elements[0].metadata.dataProcessingMethod = "urn:epc:id:gdti:0614141.06012.1234"
    event.sensorElementList.elements[0].metadata.extensions = [text("example:firmware", "2.1")]
    event.sensorElementList.elements.append(
      .with {
        $0.reports = [
          .with {
            $0.type = "Pressure"
            $0.deviceID = "urn:epc:id:giai:4000001.222"
            $0.microorganism = "https://www.ncbi.nlm.nih.gov/taxonomy/1126011"
            $0.chemicalSubstance = "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N"
            $0.value = "101.3"
            $0.maxValue = "102"
            $0.meanValue = "101.25"
            $0.sDev = "0.5"
            $0.percValue = "101.9"
            $0.uom = "KPA"
            $0.stringValue.value = "steady"
            $0.booleanValue.value = true
            $0.extensions = [number("example:channel", "4")]
          }
        ]
      })
    return event
  }

  /// An aggregation of things that have other kinds of identifier.
  static var assets: Cairn_V1_Event {
    var event = aggregation
    event.childEpcs.items = [asset, "urn:epc:id:giai:0614141.crate7", "urn:epc:id:gid:31415.271828.1414"]
    event.readPoint.id = shelf
    return event
  }

  static func number(_ name: String, _ number: String) -> Cairn_V1_Extension {
    .with {
      $0.name = name
      $0.value.number = number
    }
  }
}
