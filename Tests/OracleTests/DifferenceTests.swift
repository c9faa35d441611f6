import GatedDeltaRule
import Support
import Sweep
import Testing

@testable import Oracle

/// The loss is affine in every single entry of q, v, g, beta and the state, and quadratic in every entry of k, so a
/// central difference has no truncation error however large its step: the gradients are checked to rounding, with
/// nothing but the forward rule.
@Suite struct DifferenceTests {
  /// One entry of one input.
  private struct Entry {
    var input: Input
    var index: Int
  }

  @Test(arguments: samples.indices.filter { samples[$0].level == .core })
  func `a difference of the loss has no truncation error`(case i: Int) throws {
    let problem = try samples[i].problem
    let reference = Reference(problem)
    var random = Random(seed: UInt64(i))
    for (input, tensor) in problem.tensors where input.gradient != nil {
      let live = tensor.values.indices.filter { isLive(Entry(input: input, index: $0), tensor, problem) }
      // Where no token is live, only the state is asked about.
      try #require(!live.isEmpty || problem.mask?.live.contains(true) == false)
      for _ in 0..<min(4, live.count) {
        let entry = Entry(input: input, index: random.pick(live))
        let quantity = try #require(input.gradient)
        let gradient = try #require(reference[quantity]?.values[entry.index])
        let x = tensor.values[entry.index]
        // Around the value itself, because the loss is quadratic in k; for the others any two points do.
        let step = input == .k ? 0.5 : max(0.5, x.magnitude)
        let (above, below) = (loss(problem, entry, x + step), loss(problem, entry, x - step))
        let difference = (above.value - below.value) / (2 * step)
        let scale = (above.size + below.size) / (2 * step)
        #expect(
          (difference - gradient).magnitude <= 1e-13 * scale,
          "\(samples[i].family) \(samples[i].shape) \(entry): \(difference), not \(gradient), of \(scale)")
      }
    }
  }

  private func isLive(_ entry: Entry, _ tensor: Tensor, _ problem: Problem) -> Bool {
    guard entry.input.isPerToken, let mask = problem.mask else { return true }
    return mask.live[entry.index / (tensor.values.count / mask.live.count)]
  }

  /// <dy, y> + <dstate, state> with one entry replaced, and the sum of its terms' magnitudes.
  private func loss(_ problem: Problem, _ entry: Entry, _ x: Double) -> (value: Double, size: Double) {
    var inputs = Definition<Double>(problem)
    switch (entry.input, inputs.gates) {
    case (.q, _): inputs.q[entry.index] = x
    case (.k, _): inputs.k[entry.index] = x
    case (.v, _): inputs.v[entry.index] = x
    case (.stateIn, _): inputs.state[entry.index] = x
    case (.g, .core(var g, let beta)):
      g[entry.index] = x
      inputs.gates = .core(g: g, beta: beta)
    case (.beta, .core(let g, var beta)):
      beta[entry.index] = x
      inputs.gates = .core(g: g, beta: beta)
    default: break
    }
    let (y, state) = inputs.outputs(
      shape: problem.shape, mask: problem.mask, contract: problem.contract, clamp: .none)
    var terms = zip(problem.cotangents.state?.values ?? [], state).map(*)
    if let dy = problem.cotangents.y { terms += zip(dy.values, y).map(*) }
    return (terms.reduce(0, +), terms.reduce(0) { $0 + $1.magnitude })
  }
}
