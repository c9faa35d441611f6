//  Blocks of a product C that stay in registers while k runs, put together from single vectors:
//
//    Four<Single>            four rows by one vector
//    Four<Beside<Single>>    four rows by two
//    Eight<Beside<Single>>   eight rows by two
//
//  An addition takes four cycles, and two may begin in each: eight sums or more keep the adders busy.

/// Four rows of blocks.
typealias Four<Line: Block> = Stacked<Stacked<Line>>
/// Eight rows of blocks.
typealias Eight<Line: Block> = Stacked<Four<Line>>

/// A block of C = A B.
protocol Block<Element> {
  associatedtype Element: Real
  /// How many rows it has.
  static var rows: Int { get }
  /// How many columns.
  static var columns: Int { get }
  /// Zeros.
  init()
  /// C += a b: a column of A, `stride` from element to element, by a row of B.
  mutating func add(_ a: UnsafePointer<Element>, _ stride: Int, _ b: UnsafePointer<Element>)
  /// To rows `width` elements apart: in place of what is there, or in addition.
  func store(to c: UnsafeMutablePointer<Element>, _ width: Int, adding: Bool)
}

/// One row by one vector.
struct Single<V: SIMD>: Block where V.Scalar: Real {
  static var rows: Int { 1 }
  static var columns: Int { V.scalarCount }
  private var sum = V.zero

  @inline(__always)
  mutating func add(_ a: UnsafePointer<V.Scalar>, _ stride: Int, _ b: UnsafePointer<V.Scalar>) {
    sum += a[0] * UnsafeRawPointer(b).loadUnaligned(as: V.self)
  }

  @inline(__always)
  func store(to c: UnsafeMutablePointer<V.Scalar>, _ width: Int, adding: Bool) {
    // A row is aligned for a lane, which a vector may be wider than.
    let place = UnsafeMutableRawPointer(c)
    place.storeBytes(of: adding ? place.loadUnaligned(as: V.self) + sum : sum, as: V.self)
  }
}

/// Two blocks in the same rows.
struct Beside<Half: Block>: Block {
  static var rows: Int { Half.rows }
  static var columns: Int { 2 * Half.columns }
  private var left = Half(), right = Half()

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Half.Element>, _ stride: Int, _ b: UnsafePointer<Half.Element>) {
    left.add(a, stride, b)
    right.add(a, stride, b + Half.columns)
  }

  @inline(__always)
  func store(to c: UnsafeMutablePointer<Half.Element>, _ width: Int, adding: Bool) {
    left.store(to: c, width, adding: adding)
    right.store(to: c + Half.columns, width, adding: adding)
  }
}

/// Two blocks in the same columns.
struct Stacked<Half: Block>: Block {
  static var rows: Int { 2 * Half.rows }
  static var columns: Int { Half.columns }
  private var upper = Half(), lower = Half()

  @inline(__always)
  mutating func add(_ a: UnsafePointer<Half.Element>, _ stride: Int, _ b: UnsafePointer<Half.Element>) {
    upper.add(a, stride, b)
    lower.add(a + Half.rows * stride, stride, b)
  }

  @inline(__always)
  func store(to c: UnsafeMutablePointer<Half.Element>, _ width: Int, adding: Bool) {
    upper.store(to: c, width, adding: adding)
    lower.store(to: c + Half.rows * width, width, adding: adding)
  }
}
