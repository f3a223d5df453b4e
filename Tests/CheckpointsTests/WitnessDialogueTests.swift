import Checkpoints
import Primitives
import Signing
import Testing

@Suite("A log takes from a witness what is its cosignature, and goes on from where the witness is")
struct WitnessDialogueTests {
  let log: WitnessedLog
  let now = Instant(microseconds: 1_000_000_000)

  init() throws { log = try WitnessedLog() }

  private func dialogue() -> WitnessDialogue {
    WitnessDialogue(with: .init(name: "w1", key: log.cosigner.verifierKey))
  }

  private func answer(_ status: Int, _ body: String, type: String = "text/plain") -> WitnessDialogue.Answer {
    .init(status: status, type: type, body: body)
  }

  private func size(_ text: String) -> WitnessDialogue.Answer { answer(409, text, type: "text/x.tlog.size") }

  @Test func theyComeToAnAgreement() throws {
    var dialogue = dialogue()
    var last: Witness.Cosigned? = try log.cosign(try log.request(0, 3), after: nil)
    for size in [7, 9] as [UInt64] {
      let note = try log.note(size)
      var asked = 0
      while true {
        asked += 1
        let request = try log.request(dialogue.oldSize, size)
        do {
          last = try log.cosign(request, after: last)
          let outcome = try dialogue.read(answer(200, try #require(last).line), to: note, size: size, at: now)
          guard case .cosigned(let signature) = outcome else {
            Issue.record("not cosigned")
            return
          }
          #expect(signature == last?.note.signatures.last)
          break
        } catch let failure as Failure {
          let told = self.size("\(try #require(failure.metadata["size"]))\n")
          #expect(try dialogue.read(told, to: note, size: size, at: now) == .again)
        }
      }
      #expect(asked == (size == 7 ? 2 : 1) && dialogue.cosignedSize == size && dialogue.oldSize == size)
    }
  }

  @Test func linesOfOthersAreReadOverAndForgedOnesRefused() throws {
    let cosigned = try log.cosign(try log.request(0, 3), after: nil)
    let other = try log.cosign(try log.request(0, 4), after: nil)
    let stranger = try Cosigner(name: "w2", key: try PrivateKey.generate(.ed25519))
    let note = try log.note(3)
    let theirs = try Cosignature.make(over: note.text, at: now, by: stranger).description
    var dialogue = dialogue()
    _ = try dialogue.read(answer(200, theirs + cosigned.line), to: note, size: 3, at: now)
    for body in ["", theirs, other.line, String(cosigned.line.dropLast()), "x" + cosigned.line, "\n" + cosigned.line] {
      #expect(
        reason { _ = try dialogue.read(answer(200, body), to: note, size: 3, at: now) } == "WITNESS_REFUSED", "\(body)")
    }
    let early = Instant(microseconds: 600_000_000)
    #expect(
      reason { _ = try dialogue.read(answer(200, cosigned.line), to: note, size: 3, at: early) } == "WITNESS_REFUSED")
  }

  @Test func aWitnessThatIsAheadOrWentBackIsAMatterForPeople() throws {
    let note = try log.note(7)
    var dialogue = dialogue()
    #expect(reason { _ = try dialogue.read(size("8\n"), to: note, size: 7, at: now) } == "WITNESS_AHEAD")
    dialogue.resume(from: 5)
    #expect(reason { _ = try dialogue.read(size("4\n"), to: note, size: 7, at: now) } == "WITNESS_ROLLED_BACK")
    #expect(reason { _ = try dialogue.read(size("5\n"), to: note, size: 7, at: now) } == "WITNESS_REFUSED")
    #expect(try dialogue.read(size("6\n"), to: note, size: 7, at: now) == .again && dialogue.oldSize == 6)
  }

  @Test(arguments: ["", "7", "07\n", "-1\n", "7\n\n", "18446744073709551616\n", "7 \n", "seven\n"])
  func sizesThatAreNone(_ text: String) throws {
    var dialogue = dialogue()
    #expect(reason { _ = try dialogue.read(size(text), to: try log.note(9), size: 9, at: now) } == "WITNESS_REFUSED")
  }

  @Test(arguments: [
    (429, "WITNESS_BUSY"), (500, "WITNESS_BUSY"), (503, "WITNESS_BUSY"), (400, "WITNESS_REFUSED"),
    (403, "WITNESS_REFUSED"), (404, "WITNESS_REFUSED"), (409, "WITNESS_REFUSED"), (422, "WITNESS_REFUSED"),
    (302, "WITNESS_REFUSED"),
  ])
  func whatPassesAndWhatDoesNot(_ status: Int, _ expected: String) throws {
    var dialogue = dialogue()
    let long = answer(status, "wörds\u{1b}[2J\n" + String(repeating: "x", count: 9_999))
    do {
      _ = try dialogue.read(long, to: try log.note(9), size: 9, at: now)
      Issue.record("taken")
    } catch let failure as Failure {
      #expect(failure.reason == expected)
      #expect(failure.message.utf8.count < 300 && !failure.message.contains("\u{1b}"))
    }
  }
}

@Suite("A policy may ask for witnesses from outside besides those it has")
struct OutsideWitnessTests {
  private func witnesses(_ count: Int) throws -> [Policy.Witness] {
    try (0..<count).map {
      let key = try PrivateKey.generate(.ed25519).publicKey
      return .init(name: "w\($0)", key: try VerifierKey(name: "w\($0)", kind: .cosignature, publicKey: key))
    }
  }

  @Test func theyAreAddedToWhateverWasRequired() throws {
    let log = try NoteSigner(name: "log", key: try PrivateKey.generate(.ed25519)).verifierKey
    let (members, outside) = (try witnesses(3), try witnesses(5).dropFirst(3))
    let alone = try Policy(logs: [log])
    #expect(try alone.adding(Array(outside), required: 0).quorum == nil)
    let one = try alone.adding(Array(outside), required: 1)
    #expect(one.quorum == "witnesses/outside" && one.groups.map(\.threshold) == [1])
    let group = Policy.Group(name: "quorum", threshold: 2, members: members.map(\.name))
    let consortium = try Policy(logs: [log], witnesses: members, groups: [group], quorum: "quorum")
    let both = try consortium.adding(Array(outside), required: 2)
    #expect(both.groups.last?.members == ["quorum", "witnesses/outside"] && both.groups.last?.threshold == 2)
    #expect(try Policy(both.description) == both)
    #expect(reason { _ = try alone.adding(Array(outside), required: 3) } == "MALFORMED_POLICY")
    #expect(reason { _ = try consortium.adding(members, required: 1) } == "MALFORMED_POLICY")
  }
}
