/// Curves of which some run along each other. Where they do each is seen in its turn, as the strands of a rope are, so
/// that none hides another: dashes between those of the others, dots in rings around each other.
struct Strands {
  /// One of so many at the same place.
  struct Share: Hashable {
    var turn: Int, of: Int

    /// Of the dot: the one drawn first is the largest, and none is too large to be a dot.
    var radius: Double { 3 + min(2, 6 / Double(max(1, of - 1))) * Double(of - 1 - turn) }
  }

  /// To the pixel: what is nearer is covered.
  private struct Pixel: Hashable {
    let x, y: Int

    init(_ point: (x: Double, y: Double)) { (x, y) = (Int(point.x.rounded()), Int(point.y.rounded())) }
  }

  private let curves: [[(x: Double, y: Double)]]
  /// The curves at a pixel, and from one pixel to another, in the order in which they are drawn.
  private var dots: [Pixel: [Int]] = [:]
  private var segments: [[Pixel]: [Int]] = [:]

  /// - Parameter curves: in the units of the picture, in the order in which they are drawn.
  init(_ curves: [[(x: Double, y: Double)]]) {
    self.curves = curves
    for (number, points) in curves.enumerated() {
      for place in Set(points.map(Pixel.init)) { dots[place, default: []].append(number) }
      let ends = Set(zip(points, points.dropFirst()).map { [Pixel($0), Pixel($1)] })
      for pair in ends { segments[pair, default: []].append(number) }
    }
  }

  /// The dots of one curve.
  func dots(of curve: Int) -> [(x: Double, y: Double, share: Share)] {
    curves[curve].map { ($0.x, $0.y, Strands.share(of: curve, in: dots[Pixel($0)])) }
  }

  /// One curve, cut where it meets another to run along it, or leaves it.
  func runs(of curve: Int) -> [(points: [(x: Double, y: Double)], share: Share)] {
    // One point is a curve too, though no line is seen.
    if curves[curve].count == 1 { return [(curves[curve], Share(turn: 0, of: 1))] }
    var runs: [(points: [(x: Double, y: Double)], share: Share)] = []
    for (from, to) in zip(curves[curve], curves[curve].dropFirst()) {
      let share = Strands.share(of: curve, in: segments[[Pixel(from), Pixel(to)]])
      if runs.last?.share == share {
        runs[runs.count - 1].points.append(to)
      } else {
        runs.append(([from, to], share))
      }
    }
    return runs
  }

  private static func share(of curve: Int, in all: [Int]?) -> Share {
    Share(turn: all?.firstIndex(of: curve) ?? 0, of: max(1, all?.count ?? 1))
  }
}
