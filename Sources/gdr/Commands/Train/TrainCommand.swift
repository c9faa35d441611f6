import Foundation
import GatedDeltaRule
import Machine
import Oracle
import Training

extension Command {
  /// `gdr train`: whether it matters to a model which implementation trains it.
  static let train = Command(
    name: "train", operands: "",
    summary: "train a small language model with each of the four implementations",
    flags: [
      Flag("iterations", "N", summary: "steps of every run (300)"),
      Flag("to", "FOLDER", summary: "where train.svg goes (nowhere)"),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    let provenance = context.provenance
    let run = Run(iterations: try arguments.integer("iterations", in: 2...1_000_000) ?? 300)
    let layers = try ["sequential", "checkpoint", "fused", "chunked"].map(context.implementation)
    let progress = JobProgress("training steps", of: (layers.count + 1) * run.iterations)
    defer { progress.clear() }
    // The last is the first again, its adapters off by one rounding: the noise that any reordering makes.
    let curves = try inParallel(Array(0...layers.count)) { index in
      try run.losses(
        of: layers[index % layers.count], perturbation: index == layers.count ? 0x1p-23 : 0,
        report: progress.advance)
    }
    progress.clear()
    let report = TrainReport(
      names: layers.map(\.name), curves: Array(curves.dropLast()), noise: curves[layers.count])
    for line in report.lines(on: context.console) { context.console.say(line) }
    if let folder = arguments.value("to") {
      try AtomicFile.makeFolder(folder)
      try AtomicFile.write(Data(report.picture.under(provenance.lines).text.utf8), to: "\(folder)/train.svg")
      context.console.say("\(folder)/train.svg is written")
    }
    return report.converges && report.agrees ? .nothing : .findings
  }
}

/// The curves of several runs from one seed.
package struct TrainReport {
  let names: [String]
  let curves: [[Double]]
  /// The first run again, with its adapters off by one rounding.
  let noise: [Double]

  package init(names: [String], curves: [[Double]], noise: [Double]) {
    (self.names, self.curves, self.noise) = (names, curves, noise)
  }

  private var steps: Int { noise.count }

  /// Where the curves are compared: ten places and the end.
  private var points: [Int] {
    Array(Set((0...10).map { min(steps - 1, $0 * max(1, steps / 10)) })).sorted()
  }

  /// How far a curve is from the first at the report points.
  private func deviation(_ curve: [Double]) -> Double {
    points.map { (curve[$0] - curves[0][$0]).magnitude }.reduce(0) {
      $0 >= $1 ? $0 : $1.isNaN ? .infinity : $1
    }
  }

  /// What the curves may differ by: reordering noise, measured once and taken four times, and what fp32 resolves.
  private var allowance: Double { max(4 * deviation(noise), 1e-5) }

  /// Whether every curve is the first within the allowance.
  package var agrees: Bool { curves.allSatisfy { deviation($0) <= allowance } }

  /// Whether every run ends below half of its first loss.
  package var converges: Bool { curves.allSatisfy { ($0.last ?? .nan) <= ($0.first ?? .nan) / 2 } }

  func lines(on console: Console) -> [String] {
    var table = Table(["step"] + names)
    for point in points {
      table.add([.init("\(point + 1)")] + curves.map { .init(String(format: "%.6f", $0[point])) })
    }
    let deviations = zip(names, curves).dropFirst().map { "\($0) \(short(deviation($1)))" }
    return table.lines(on: console) + [
      "",
      "largest difference to \(names[0]): \(deviations.joined(separator: ", "))",
      "reordering noise (adapters off by one rounding): \(short(deviation(noise))); allowed \(short(allowance))",
      "the curves \(agrees ? "agree" : "DIFFER"), the model \(converges ? "converges" : "does NOT converge")",
    ]
  }

  /// The curves, and their distances from the first.
  var picture: SVG {
    let axis = Scale.linear(0...Double(steps), steps: 6) { "\(Int($0))" }
    let top = (curves.flatMap(\.self).max() ?? 1).rounded(.up)
    func series(_ index: Int, _ values: (Int) -> Double) -> Panel.Series {
      let place = stride(from: 0, to: steps, by: max(1, steps / 60)).map { (x: Double($0), y: values($0)) }
      return Panel.Series(
        name: index < names.count ? names[index] : "reordering noise", colour: [9, 5, 3, 0, 8][index],
        points: place)
    }
    let losses = Panel(
      title: "loss, nats a byte", x: axis, y: .linear(0...top, steps: Int(top)) { "\(Int($0))" },
      xLabel: "step",
      yLabel: "loss", series: curves.indices.map { index in series(index) { curves[index][$0] } },
      namesSeries: false)
    let distances = Panel(
      title: "distance to the sequential form's", x: axis, y: .powers(-9...0, step: 3), xLabel: "step",
      yLabel: "difference of the loss",
      series: (curves + [noise]).indices.dropFirst().map { index in
        series(index) {
          max(1e-9, ((index < curves.count ? curves[index] : noise)[$0] - curves[0][$0]).magnitude)
        }
      }, namesSeries: true)
    var picture = SVG(width: 960, height: 430)
    picture.add([SVG.text("One model, four implementations of its layer", x: 70, y: 34, style: "head")])
    picture.add(losses.elements(x: 70, y: 100, width: 370, height: 260))
    picture.add(distances.elements(x: 540, y: 100, width: 370, height: 260))
    picture.add(
      Legend(names.enumerated().map { ($1, [9, 5, 3, 0][$0]) }).elements(x: 70, y: 415, right: 940))
    return picture
  }
}
