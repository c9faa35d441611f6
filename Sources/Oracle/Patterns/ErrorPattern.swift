import GatedDeltaRule

/// Which elements of which results are past what is allowed, on a case as it was met: a reduced case keeps the fault and not
/// the look of it.
package struct ErrorPattern: Hashable, Sendable, Codable {
  /// The results that are off, in their order.
  package let parts: [Part]
  /// The results that are right everywhere.
  package let right: [Quantity]

  /// One result that is off somewhere.
  package struct Part: Hashable, Sendable, Codable {
    /// Which.
    package let quantity: Quantity
    /// Along every axis that is longer than 1 where it is off, outermost first.
    package let extents: [Extent]
    /// How many elements are off, of how many that count.
    package let off: Int, counted: Int
    /// What its wrong elements are to the reference, where they all are the same.
    package let relation: Relation?
    /// Whether what is off lies at masked tokens alone.
    package let isOfMasked: Bool
    /// Tokens by heads, for a result that has tokens.
    package let strip: Strip?

    /// Whether it says more than that something is wrong.
    package var isTelling: Bool { relation != nil || isOfMasked || extents.contains { !$0.isAll } }

    /// Whether all is off that lies on the named places of every axis at once.
    package var isWhole: Bool {
      Double(off) >= 0.95 * Double(counted) * extents.reduce(1) { $0 * $1.share }
    }
  }

  /// Whether it says more than that something is wrong.
  package var isTelling: Bool { parts.contains(where: \.isTelling) }

  /// Nil where nothing is past what is allowed: a failure in fp64 alone, or one of a property.
  ///
  /// - Parameters:
  ///   - answer: of the working arithmetic, to the problem of `check`.
  ///   - declaration: what it is judged by.
  package init?(_ answer: Evaluation, to check: CrossCheck, for declaration: Declaration) {
    let ratios = check.ratios(answer, declaration)
    let reference = check.reference(for: declaration)
    var (parts, right): ([Part], [Quantity]) = ([], [])
    for quantity in Quantity.allCases {
      guard let all = ratios[quantity], let found = answer[quantity], let o = reference[quantity] else {
        continue
      }
      let map = ErrorMap(all, quantity, check.problem)
      if map.off == 0 {
        right.append(quantity)
      } else {
        parts.append(Part(map, relation: Relation(found.values, o.values, map)))
      }
    }
    guard !parts.isEmpty else { return nil }
    (self.parts, self.right) = (parts, right)
  }
}

extension ErrorPattern {
  /// Of what an implementation came to; nil where it gave no answer either.
  package init?(_ result: CaseResult, of implementation: any Implementation, on check: CrossCheck) {
    guard let answer = result.evaluation else { return nil }
    self.init(answer, to: check, for: implementation.declaration(for: check.problem))
  }
}

extension ErrorPattern.Part {
  fileprivate init(_ map: ErrorMap, relation: Relation?) {
    self.init(
      quantity: map.quantity, extents: map.extents, off: map.off, counted: map.counted, relation: relation,
      isOfMasked: map.isOfMasked, strip: map.isOfMasked ? nil : Strip(map))
  }
}

/// Every element of one result: does it count, and is it off.
struct ErrorMap {
  let quantity: Quantity
  let axes: [Axis]
  /// How long the axes are.
  let sizes: [Int]
  /// Of every element, in row-major order.
  let counts: [Bool], isOff: [Bool]
  private(set) var (off, counted) = (0, 0)
  /// Whether all that is off is of masked tokens.
  let isOfMasked: Bool

  init(_ ratios: [Double], _ quantity: Quantity, _ problem: Problem) {
    let axes = quantity.axes(problem.shape.decayKind)
    (self.quantity, self.axes, sizes) = (quantity, axes, axes.map { problem.shape[$0] })
    var (counts, isOff) = ([Bool](repeating: false, count: ratios.count), ratios.map { !($0 <= 1) })
    var isLiveOff = false
    problem.stretches(of: quantity, count: ratios.count).forEach { elements, isLive in
      // What an output holds at a masked token is nobody's business; a gradient must be zero there.
      for i in elements where isLive || (quantity.isGradient && isOff[i]) {
        counts[i] = true
        if isLive, isOff[i] { isLiveOff = true }
      }
    }
    for i in ratios.indices {
      isOff[i] = isOff[i] && counts[i]
      off += isOff[i] ? 1 : 0
      counted += counts[i] ? 1 : 0
    }
    (self.counts, self.isOff, isOfMasked) = (counts, isOff, !isLiveOff)
  }

  /// The place of an element along every axis.
  func place(_ element: Int) -> [Int] { coordinates(of: element, in: sizes) }

  /// Where it is off along every axis that is longer than 1.
  var extents: [Extent] {
    var places = sizes.map { [Bool](repeating: false, count: $0) }
    var counting = places
    for i in isOff.indices where counts[i] {
      for (n, at) in place(i).enumerated() {
        counting[n][at] = true
        if isOff[i] { places[n][at] = true }
      }
    }
    return axes.indices.filter { sizes[$0] > 1 }.map { n in
      Extent(axis: axes[n], size: sizes[n], off: places[n], counts: counting[n])
    }
  }
}
