import GatedDeltaRule

extension Mutant {
  static let structure: [Mutant] = [
    Mutant(
      .structure, .sequential, .viewTakenForContiguous,
      "a and b, columns of one array, are read as if contiguous",
      model: "sglang#22312"),
    Mutant(.structure, .sequential, .indexWraps, "an index wraps, at 256 for 2^32", model: "fla#692"),
    Mutant(
      .structure, .sequential, "tail-unwritten", "tokens past a multiple of four keep what the buffer held",
      model: "fla#1070"
    ) { call in
      var answer = call.honest()
      let shape = call.problem.shape
      let kept = call.exchange(answer)?.answer[.y]?.values
      let width = shape.Hv * shape.Dv
      for i in answer[.y]?.values.indices ?? 0..<0 where i / width % shape.T >= shape.T / 4 * 4 {
        answer.results[.y]?.values[i] = kept?[i] ?? 0
      }
      return answer
    },
    Mutant(
      .structure, .chunk, "state-buffer-unwritten", "an absent state is what the allocator left there",
      model: "TileOPs#1963"
    ) { call in
      let honest = call.honest()
      guard let left = call.exchange(honest), call.problem.primals.state == nil else { return honest }
      return try call.honest(state: left.answer[.stateOut])
    },
    Mutant(
      .structure, .sequential, "initial-state-overwritten", "the final state overwrites the initial one",
      model: "flashinfer#4219"
    ) { call in
      let honest = call.honest()
      guard let last = call.exchange(honest), let state = call.problem.primals.state,
        last.problem.primals.state == state
      else { return honest }
      return try call.honest(state: last.answer[.stateOut])
    },
    Mutant(
      .structure, .fused, "output-cached", "a second call of the same shape returns the first one's y",
      model: "flashinfer#4219"
    ) { call in
      var answer = call.honest()
      if let first = call.exchange(answer) { answer.results[.y] = first.answer[.y] }
      return answer
    },
    Mutant(
      .structure, .sequential, "gradients-accumulate", "gradients are added to those of the last call",
      model: "fla-npu 8503735a"
    ) { call in
      var answer = call.honest()
      guard let last = call.exchange(answer)?.answer else { return answer }
      for (quantity, tensor) in last.results where quantity.isGradient {
        for (i, value) in tensor.values.enumerated() { answer.results[quantity]?.values[i] += value }
      }
      return answer
    },
    Mutant(
      .structure, .fused, "length-of-first-call",
      "buffers have the length of the first call: later tokens are lost",
      model: "GLM-5.3 notes#4"
    ) { call in
      let T = call.memory.use { contents in
        contents.problem = contents.problem ?? call.problem
        return contents.problem!.shape.T
      }
      var answer = call.honest()
      let shape = call.problem.shape
      let width = shape.Hv * shape.Dv
      for i in answer[.y]?.values.indices ?? 0..<0 where i / width % shape.T >= max(T, 1) {
        answer.results[.y]?.values[i] = 0
      }
      return answer
    },
    Mutant(
      .structure, .sequential, "sum-without-order", "the order of a sum changes from call to call",
      model: "fla-npu#281"
    ) { call in
      let isReversed = (UInt64(call.count()) &* 0x9E37_79B9_7F4A_7C15) >> 63 == 1
      return call.summed(backwards: isReversed)
    },
    Mutant(
      .structure, .sequential, "scratch-of-two-threads",
      "threads of one evaluation share a scratch that is one head's",
      model: "a buffer hoisted out of the loop"
    ) { Race.answer($0) },
    Mutant(
      .structure, .sequential, .wideKeysTruncated, "the read stops at 64 channels", model: "tiles of 64 rows"
    ).needing(.size),
    Mutant(
      .structure, .sequential, "sum-depends-on-batch", "the order of a sum depends on B", model: "fla#671"
    ) { $0.summed(backwards: $0.problem.shape.B > 1) },
    Mutant(
      .structure, .sequential, "nan-is-zero", "NaN in y is replaced by 0", model: "fla#1007"
    ) { call in
      var answer = call.honest()
      answer.hideNaN(in: [.y])
      return answer
    },
    Mutant(
      .structure, .sequential, "nan-is-zero-in-training",
      "NaN in y is replaced by 0 where gradients are asked for", model: "fla#1007"
    ) { call in
      var answer = call.honest()
      if call.request.gradients { answer.hideNaN(in: [.y]) }
      return answer
    },
    Mutant(
      .structure, .sequential, "nan-gradients-are-zero", "NaN in gradients is replaced by 0",
      model: "fla#1007"
    ) { call in
      var answer = call.honest()
      answer.hideNaN(in: Quantity.allCases.filter(\.isGradient))
      return answer
    },
    Mutant(
      .structure, .sequential, "inference-differs", "without gradients the state is handed out in bf16",
      model: "mlx-lm#1217 d4ee70af"
    ) { call in
      var answer = call.honest()
      guard !call.request.gradients else { return answer }
      answer.results[.stateOut] = answer[.stateOut].map { state in
        Tensor(shape: state.shape, precision: state.precision, values: state.values.map(Precision.bf16.round))
      }
      return answer
    },
    Mutant(
      .structure, .chunk, "no-tokens-crash", "T = 0 is a crash", model: "FlashQLA 7fd5525"
    ) { call in
      guard call.problem.shape.T > 0 else { throw Breakdown("index out of range") }
      return call.honest()
    },
    Mutant(
      .structure, .sequential, "masked-row-crash", "a batch row of padding alone is a crash",
      model: "mlx-vlm#1571"
    ) { call in
      let T = call.problem.shape.T
      let rows = 0..<call.problem.shape.B
      let isEmpty = rows.contains { b in !(0..<T).contains { call.problem.isLive(b, $0) } }
      guard T == 0 || !isEmpty else { throw Breakdown("cannot reshape an empty slice") }
      return call.honest()
    },
    Mutant(
      .structure, .fused, "gradients-swapped", "dq and dk change places", model: "FlashQLA 646949d"
    ) { call in
      var answer = call.honest()
      (answer.results[.dq], answer.results[.dk]) = (answer[.dk], answer[.dq])
      return answer
    },
    Mutant(
      .structure, .fused, "state-per-token", "the final state has a row for every token", model: "vllm#28698"
    ) { call in
      var answer = call.honest()
      guard let state = answer[.stateOut], call.problem.shape.T > 1 else { return answer }
      let T = call.problem.shape.T
      answer.results[.stateOut] = Tensor(
        shape: [state.shape[0] * T] + state.shape.dropFirst(), precision: state.precision,
        values: (0..<T).flatMap { _ in state.values })
      return answer
    },
    Mutant(
      .structure, .checkpoint, "gradient-too-many",
      "at model level the reverse pass returns one gradient too many",
      model: "FlashQLA 9f9686b"
    ) { call in
      guard call.problem.level == .core || !call.request.gradients else {
        throw Breakdown("returned an incorrect number of gradients (expected 9, got 10)")
      }
      return call.honest()
    },
  ]
}

extension Call {
  /// The right answer, with sums over the rows of the state from the last to the first.
  func summed(backwards: Bool) -> Evaluation {
    guard backwards else { return honest() }
    return clean.with(.sumBackwards, named: clean.name, summary: "").evaluate(problem, request: request)
  }
}

extension Evaluation {
  /// Replaces NaN in these results by 0.
  fileprivate mutating func hideNaN(in quantities: [Quantity]) {
    for quantity in quantities {
      results[quantity] = results[quantity].map { tensor in
        Tensor(
          shape: tensor.shape, precision: tensor.precision, values: tensor.values.map { $0.isNaN ? 0 : $0 })
      }
    }
  }
}
