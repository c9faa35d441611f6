//    recursive 2x2   N = [N_1 0; N_2 (A_21 N_1)  N_2], halved down to single rows;  then  x = N r
//    merges          the same over the whole chunk, halved down to blocks of n rows, which another method inverts
//
//  Merging is harmless (Bunch, Hopcroft 1974: the error grows with the depth): the method of the blocks decides.

extension Inverter {
  /// N := (I - A_II)^-1, by halves down to `base` rows.
  func invertByHalves(_ block: Block, base: Int, _ method: Inversion.Method) {
    guard block.rows > base else {
      return invert(block, method, to: own(block, of: N))
    }
    let blocks = (block.rows + base - 1) / base
    let upper = (blocks + 1) / 2 * base
    let one = Block(start: block.start, rows: upper)
    let other = Block(start: block.start + upper, rows: block.rows - upper)
    invertByHalves(one, base: base, method)
    invertByHalves(other, base: base, method)
    merge(one, other)
  }

  /// N_21 := N_2 (A_21 N_1).
  private func merge(_ one: Block, _ other: Block) {
    let A = roundedA.from(row: other.start, column: one.start)
    round(own(one, of: N), to: first, rows: one.rows, columns: one.rows)
    round(own(other, of: N), to: second, rows: other.rows, columns: other.rows)
    clear(product, rows: other.rows, columns: one.rows)
    for i in 0..<other.rows {
      for j in 0..<one.rows { Products.add(A[i][j], first[j], to: product[i], count: j + 1) }
    }
    round(product, to: first, rows: other.rows, columns: one.rows)
    let between = N.from(row: other.start, column: one.start)
    clear(between, rows: other.rows, columns: one.rows)
    Products.addLower(second, first, to: between, size: other.rows, columns: one.rows)
  }
}
