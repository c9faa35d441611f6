import Foreign
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// What a worker is told, and not told, where it must not know which case it is asked.
@Suite struct BlindTests {
  private static let recipe = "v1/B1-T6-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.2/write=0.5/f32/seed="

  /// The errors of so many cases, and the program.
  private func errors(_ implementation: any Implementation) throws -> [String] {
    try (0..<12).compactMap { seed in
      let problem = try Recipe("\(BlindTests.recipe)\(seed)").render()
      let request = Request(recipe: "\(BlindTests.recipe)\(seed)")
      do {
        _ = try implementation.evaluate(problem, request: request)
        return nil
      } catch {
        return "\(error)"
      }
    }
  }

  @Test func `neither which case it is nor how many there were`() throws {
    let worker = try HonestWorker(
      "reply.update({'error': 'told'} if int(metadata['id']) < 1 << 24 or 'recipe' in metadata else {})")
    #expect(try errors(Program(name: "sighted", command: worker.command)).count == 12)
    let blind = Blind(Program(name: "blind", command: worker.command, isBlind: true), seed: 1)
    #expect(try errors(blind).isEmpty)
  }

  @Test func `a worker that relies on the order of the tensors is found out`() throws {
    let worker = try HonestWorker(
      "results['y'] = (results['y'][0], [9.0] * len(y)) if header['q']['data_offsets'] < header['k']['data_offsets'] else results['y']"
    )
    let blind = Blind(Program(name: "positional", command: worker.command, isBlind: true), seed: 3)
    _ = try errors(blind)
    #expect(blind.tallies[.order]?.broken ?? 0 > 0)
    #expect(blind.tallies[.change]?.broken == 0)
  }

  @Test func `the way through the pipe is clocked`() throws {
    let worker = try HonestWorker("time.sleep(0.2)")
    let program = Program(name: "slow", command: worker.command)
    let answer = try program.evaluate(
      try Recipe("\(BlindTests.recipe)1").render(), request: Request())
    #expect(answer.clocked ?? 0 >= 0.2)
    #expect(answer.seconds == nil)
  }
}
