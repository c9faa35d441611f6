/// What a sweep does beside computing the numbers, known to the compiler.
protocol SweepMode: SendableMetatype {
  /// Carry error bounds beside the numbers.
  static var measures: Bool { get }
  /// One decay factor per key channel.
  static var perChannel: Bool { get }
}

/// A mode without bounds.
protocol NumbersOnly: SweepMode {}

extension NumbersOnly {
  static var measures: Bool { false }
}

enum Plain: NumbersOnly {
  static var perChannel: Bool { false }
}

enum PlainPerChannel: NumbersOnly {
  static var perChannel: Bool { true }
}

enum Measured: SweepMode {
  static var measures: Bool { true }
  static var perChannel: Bool { false }
}

enum MeasuredPerChannel: SweepMode {
  static var measures: Bool { true }
  static var perChannel: Bool { true }
}
