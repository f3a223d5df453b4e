import SwiftProtobuf
import Wire

/// Events that keep every rule, to be changed by tests.
enum Events {
  static let pallet = "urn:epc:id:sscc:0614141.1234567890"
  static let palletLink = "https://id.gs1.org/00/106141412345678908"
  static let bottle = "urn:epc:id:sgtin:0614141.107346.2017"
  static let bottleLink = "https://id.gs1.org/01/10614141073464/21/2017"
  static let otherBottle = "urn:epc:id:sgtin:0614141.107346.2018"
  static let otherBottleLink = "https://id.gs1.org/01/10614141073464/21/2018"
  static let lot = "urn:epc:class:lgtin:4012345.012345.998877"
  static let lotLink = "https://id.gs1.org/01/04012345123456/10/998877"
  static let dock = "urn:epc:id:sgln:0614141.07346.1234"
  static let dockLink = "https://id.gs1.org/414/0614141073467/254/1234"
  static let hall = "urn:epc:id:sgln:0614141.00888.0"
  static let hallLink = "https://id.gs1.org/414/0614141008889"

  /// 2005-04-03T20:33:31.116-06:00, as in EPCIS 2.0.1 section 9.6.1.
  private static func event(_ type: Cairn_V1_EventType, _ action: Cairn_V1_Action) -> Cairn_V1_Event {
    .with {
      $0.type = type
      $0.action = action
      $0.eventTime = .with {
        $0.microseconds = 1_112_582_011_116_000
        $0.offsetMinutes = -360
        $0.text = "2005-04-03T20:33:31.116-06:00"
        $0.offsetText = "-06:00"
      }
      $0.eventID = "urn:uuid:6a1a5bd8-0f0c-4d7e-9c0d-1f2c3b4a5968"
      $0.bizStep = "shipping"
      $0.disposition = "in_transit"
      $0.readPoint.id = dock
      $0.bizLocation.id = hall
    }
  }

  static var object: Cairn_V1_Event {
    var event = event(.object, .observe)
    event.epcList.items = [bottle, otherBottle]
    event.quantityList.quantities = [
      .with {
        $0.epcClass = lot
        $0.quantity = "200.5"
        $0.uom = "KGM"
      }
    ]
    event.bizTransactionList.bizTransactions = [
      .with {
        $0.type = "po"
        $0.bizTransaction = "http://transaction.acme.com/po/12345678"
      }
    ]
    event.sourceList.sources = [
      .with {
        $0.type = "owning_party"
        $0.source = "urn:epc:id:pgln:4012345.00225"
      }
    ]
    event.destinationList.destinations = [
      .with {
        $0.type = "location"
        $0.destination = hall
      }
    ]
    event.persistentDisposition.set.values = ["completeness_verified"]
    event.persistentDisposition.unset.values = ["completeness_inferred"]
    return event
  }

  static var aggregation: Cairn_V1_Event {
    var event = event(.aggregation, .add)
    event.parentID = pallet
    event.childEpcs.items = [bottle, otherBottle]
    event.childQuantityList.quantities = [.with { $0.epcClass = lot }]
    return event
  }

  static var association: Cairn_V1_Event {
    var event = aggregation
    event.type = .association
    event.parentID = hall
    return event
  }

  static var transaction: Cairn_V1_Event {
    var event = event(.transaction, .add)
    event.parentID = pallet
    event.epcList.items = [bottle]
    event.bizTransactionList.bizTransactions = [
      .with { $0.bizTransaction = "urn:epc:id:gdti:0614141.00001.1618034" }
    ]
    return event
  }

  static var transformation: Cairn_V1_Event {
    var event = event(.transformation, .unspecified)
    event.inputEpcList.items = [bottle]
    event.inputQuantityList.quantities = [.with { $0.epcClass = lot }]
    event.outputEpcList.items = [otherBottle]
    event.transformationID = "https://example.com/batch/7"
    event.ilmd.extensions = [text("example:harvested", "2025")]
    return event
  }

  static let all = [object, aggregation, association, transaction, transformation]

  /// An object event with one sensor element that uses every field.
  static var sensor: Cairn_V1_Event {
    var event = event(.object, .observe)
    event.epcList.items = [bottle]
    event.sensorElementList.elements = [
      .with {
        $0.metadata.time = "2019-04-02T13:05:00.000Z"
        $0.metadata.deviceID = "urn:epc:id:giai:4000001.111"
        $0.metadata.rawData = "https://example.org/8004/401234599999"
        $0.metadata.bizRules = "https://example.com/253/4012345000054987"
        $0.reports = [
          .with {
            $0.type = "gs1:Temperature"
            $0.time = "2019-07-19T13:00:00.000Z"
            $0.value = "26.0"
            $0.minValue = "-1.5e1"
            $0.percRank = "50"
            $0.component = "x"
            $0.stringValue.value = ""
            $0.booleanValue.value = false
            $0.hexBinaryValue = "f0f0f"
            $0.uriValue = "https://id.gs1.org/8004/4000001111"
            $0.uom = "CEL"
            $0.coordinateReferenceSystem = "https://epsg.io/4326"
          },
          .with { $0.exception = "ALARM_CONDITION" },
        ]
        $0.extensions = [text("example:furtherData", "x")]
      }
    ]
    return event
  }

  static func text(_ name: String, _ text: String) -> Cairn_V1_Extension {
    .with {
      $0.name = name
      $0.value.text = text
    }
  }

  /// An extension of lists nested `depth` levels deep.
  static func nested(_ depth: Int) -> Cairn_V1_Extension {
    var value = Cairn_V1_ExtensionValue.with { $0.boolean = true }
    for level in 0..<depth {
      let inner = value
      value =
        level.isMultiple(of: 2)
        ? .with { $0.list.values = [inner] }
        : .with {
          $0.object.extensions = [
            .with {
              $0.name = "inner"
              $0.value = inner
            }
          ]
        }
    }
    let outermost = value
    return .with {
      $0.name = "example:nested"
      $0.value = outermost
    }
  }
}
