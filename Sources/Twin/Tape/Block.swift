/// A matrix on a tape, or a part of one: where its values lie, row major, each row padded with zeros to a multiple of
/// eight.
struct Block {
  let offset: Int
  let rows: Int, columns: Int
  /// From one row to the next.
  let stride: Int

  /// Columns with their padding.
  var width: Int { (columns + 7) & ~7 }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> Block {
    Block(offset: offset + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// Some of the rows, of their columns some, from a multiple of eight on.
  func part(_ rows: Range<Int>, _ columns: Range<Int>) -> Block {
    Block(
      offset: offset + rows.lowerBound * stride + columns.lowerBound, rows: rows.count,
      columns: columns.count, stride: stride)
  }

  /// One element of one row, by itself.
  func element(_ column: Int) -> Block { Block(offset: offset + column, rows: 1, columns: 1, stride: stride) }
}
