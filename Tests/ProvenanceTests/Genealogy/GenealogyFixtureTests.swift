import Testing

@Suite struct GenealogyFixtureTests {
  @Test func thereAreCases() { #expect(Story.names.count >= 12) }

  @Test(arguments: Story.names) func theAnswerIsWhatAPersonDrew(_ name: String) async throws {
    let story = try Story(named: name)
    #expect(!story.questions.isEmpty)
    for (question, expected) in story.questions {
      let answer = try await story.answer(to: question)
      #expect(answer == expected, "\(name): \(question)\n\(answer.joined(separator: "\n"))")
    }
  }
}
