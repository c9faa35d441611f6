import GatedDeltaRule

import Machine

/// The arithmetic that a specimen runs in, one rounding per operation.
///
/// An fp32 operation is the double one rounded: for + - * / that is exactly IEEE fp32, since 53 >= 2 * 24 + 2.
struct Arithmetic {
  /// The order in which a dot product is summed.
  enum Order: CaseIterable {
    case forwards, backwards, pairwise, lanes
  }

  var isSingle: Bool
  var order = Order.forwards
  /// Products feed sums unrounded.
  var isFused = false
  /// Subnormal results become zero, as on accelerators.
  var flushes = false

  func round(_ x: Double) -> Double {
    guard isSingle else { return x }
    let rounded = Double(Float(x))
    return flushes && rounded.magnitude < 0x1p-126 ? 0 : rounded
  }

  func add(_ a: Double, _ b: Double) -> Double { round(a + b) }
  func sub(_ a: Double, _ b: Double) -> Double { round(a - b) }
  func mul(_ a: Double, _ b: Double) -> Double { round(a * b) }
  /// a + b c.
  func add(_ a: Double, product b: Double, _ c: Double) -> Double {
    isFused ? round(a + b * c) : round(a + round(b * c))
  }
  func exp(_ x: Double) -> Double { round(libmExp(x)) }
  func log(_ x: Double) -> Double { round(libmLog(x)) }
  func softplus(_ x: Double) -> Double { add(max(x, 0), round(log1p(exp(-x.magnitude)))) }
  func sigmoid(_ x: Double) -> Double {
    guard x < 0 else { return round(1 / add(1, exp(-x))) }
    let e = exp(x)
    return round(e / add(1, e))
  }

  /// The sum of products of `count` pairs, in this arithmetic's order.
  func dot(_ count: Int, _ a: (Int) -> Double, _ b: (Int) -> Double) -> Double {
    switch order {
    case .forwards: return (0..<count).reduce(0) { add($0, product: a($1), b($1)) }
    case .backwards: return (0..<count).reversed().reduce(0) { add($0, product: a($1), b($1)) }
    case .pairwise: return pairwise((0..<count).map { mul(a($0), b($0)) }[...])
    case .lanes:
      let lanes = (0..<4).map { lane in
        stride(from: lane, to: count, by: 4).reduce(0) { add($0, product: a($1), b($1)) }
      }
      return add(add(lanes[0], lanes[2]), add(lanes[1], lanes[3]))
    }
  }

  private func pairwise(_ terms: ArraySlice<Double>) -> Double {
    guard terms.count > 1 else { return terms.first ?? 0 }
    let middle = terms.startIndex + terms.count / 2
    return add(pairwise(terms[..<middle]), pairwise(terms[middle...]))
  }
}

private func libmExp(_ x: Double) -> Double { exp(x) }
private func libmLog(_ x: Double) -> Double { log(x) }
