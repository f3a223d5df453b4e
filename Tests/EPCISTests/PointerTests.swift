import EPCIS
import Primitives
import Testing
import Wire

@Suite struct PointerTests {
  @Test(arguments: [
    ("", ""), ("type", "/type"), ("event_time", "/eventTime"), ("event_time.microseconds", "/eventTime"),
    ("event_time.text", "/eventTime"), ("event_time.offset_minutes", "/eventTimeZoneOffset"), ("event_id", "/eventID"),
    ("epc_list", "/epcList"), ("epc_list.items[2]", "/epcList/2"), ("epc_list[2]", "/epcList/2"),
    ("records[3].provenance.event.epc_list.items[1]", "/epcList/1"), ("child_epcs.items[0]", "/childEPCs/0"),
    ("input_epc_list.items[0]", "/inputEPCList/0"),
    ("output_quantity_list.quantities[1].epc_class", "/outputQuantityList/1/epcClass"),
    ("quantity_list.quantities[1].quantity", "/quantityList/1/quantity"), ("parent_id", "/parentID"),
    ("transformation_id", "/transformationID"), ("biz_step", "/bizStep"),
    ("persistent_disposition.set.values[0]", "/persistentDisposition/set/0"), ("read_point.id", "/readPoint/id"),
    ("read_point.extensions[0].value.object.extensions[0].value", "/readPoint/cold:room/cold:number"),
    ("read_point.extensions[0].value.object.extensions[1].value.list.values[2]", "/readPoint/cold:room/shelf/2"),
    ("biz_transaction_list.biz_transactions[1].biz_transaction", "/bizTransactionList/1/bizTransaction"),
    ("source_list.sources[0].source", "/sourceList/0/source"),
    ("destination_list.destinations[1].type", "/destinationList/1/type"),
    ("sensor_element_list.elements[0].metadata.device_id", "/sensorElementList/0/sensorMetadata/deviceID"),
    (
      "sensor_element_list.elements[0].metadata.extensions[0].name", "/sensorElementList/0/sensorMetadata/cold:firmware"
    ),
    ("sensor_element_list.elements[0].reports[0].s_dev", "/sensorElementList/0/sensorReport/0/sDev"),
    ("sensor_element_list.elements[0].reports[0].value", "/sensorElementList/0/sensorReport/0/value"),
    (
      "sensor_element_list.elements[0].reports[0].string_value.value", "/sensorElementList/0/sensorReport/0/stringValue"
    ),
    (
      "sensor_element_list.elements[0].reports[0].extensions[0].value",
      "/sensorElementList/0/sensorReport/0/cold:calibrated"
    ),
    (
      "sensor_element_list.elements[0].extensions[1].value.list.values[0].list.values[1]",
      "/sensorElementList/0/cold:position/0/1"
    ),
    ("ilmd.extensions[2].value.object.extensions[2].value.list.values[5]", "/ilmd/farm:harvest/farm:panel/5"),
    ("extensions[1].name", "/https:~1~1farm.example~1terms~1full"),
    ("certification_info.values[1]", "/certificationInfo/1"),
    ("error_declaration.corrective_event_ids.values[0]", "/errorDeclaration/correctiveEventIDs/0"),
    ("extensions[9].value", ""), ("epc_list.items[x]", "/epcList"),
  ]) func fieldsArePlaces(_ field: String, _ pointer: String) throws {
    let read = try Fixtures.open("epcis/documents/object_event_all_fields.jsonld").event(at: 0)
    #expect(read.pointer(forField: field) == "/epcisBody/eventList/0" + pointer)
  }

  @Test func contextsStandWhereTheyStood() throws {
    let read = try Fixtures.open("epcis/documents/contexts_of_event.jsonld").event(at: 1)
    #expect(read.pointer(forField: "contexts[0].url") == "/@context/0")
    #expect(read.pointer(forField: "contexts[2].terms") == "/epcisBody/eventList/1/@context/1")
  }

  @Test func aSingleTextHasNoIndex() throws {
    let read = try Fixtures.open("epcis/documents/query_document.jsonld").event(at: 0)
    #expect(read.pointer(forField: "certification_info.values[0]") == read.pointer + "/certificationInfo")
  }

  @Test func olderSpellingsOfTypeKeepTheirName() throws {
    let document = try Fixtures.open("epcis/documents/older_spellings.jsonld")
    #expect(try document.event(at: 0).pointer(forField: "type") == "/epcisBody/eventList/0/isA")
    #expect(try document.event(at: 1).pointer(forField: "type") == "/epcisBody/eventList/1/@type")
  }

  @Test func aFailureIsToldByItsPlace() throws {
    let read = try Fixtures.open("epcis/documents/bare_list.jsonld").event(at: 1)
    let located = read.located(.malformed("GTIN_CHECK_DIGIT", field: "epc_list.items[0]", "wrong check digit"))
    #expect(located.message == "/1/epcList/0: wrong check digit")
    #expect(located.metadata["pointer"] == "/1/epcList/0")
    #expect(located.violations.map(\.field) == ["/1/epcList/0"])
    #expect(located.reason == "GTIN_CHECK_DIGIT")
  }
}
