// The products of a neural accelerator, as MLX's steel/gemm/nax.h calls them: operands and results lie in the lanes of a simdgroup, in fragments of
// 16 x 16 of which a lane has rows r and r + 8, four columns of each. Which precision the hardware takes for relaxed products of float32 is not
// written down; here they are float32, added in the order of the inner index.
#pragma once
#include "simdgroup.h"

namespace metal {
struct execution_simdgroup {};
}  // namespace metal

namespace mpp::tensor_ops {
struct matmul2d_descriptor {
  enum class mode { multiply, multiply_accumulate };
  int m, n, k;
  bool transpose_left, transpose_right, relaxed;
  mode how;
  constexpr matmul2d_descriptor(int m, int n, int k, bool left = false, bool right = false, bool relaxed = false, mode how = mode::multiply)
      : m(m), n(n), k(k), transpose_left(left), transpose_right(right), relaxed(relaxed), how(how) {}
};

// A lane's share of a matrix.
template <class T, int N> struct share {
  T e[N];
  T& operator[](int i) { return e[i]; }
};

// The element at (row, column) of fragment f, wherever it lies. `shares` are those of the 32 lanes.
template <class S> inline auto& element(S* const* shares, int f, int row, int column) {
  int quarter = (row & 4) | (column / 4 & 2), lane = quarter * 4 + row % 4 * 2 + (column / 4 & 1);
  return (*shares[lane])[f * 8 + row / 8 * 4 + column % 4];
}

template <matmul2d_descriptor D, class Scope> struct matmul2d {
  template <class A, class B, class C> auto get_left_input_cooperative_tensor() { return share<A, D.m * D.k / 32>{}; }
  template <class A, class B, class C> auto get_right_input_cooperative_tensor() { return share<B, D.k * D.n / 32>{}; }
  template <class A, class B, class C> auto get_destination_cooperative_tensor() { return share<C, D.m * D.n / 32>{}; }

  template <class A, class B, class C> void run(A& a, B& b, C& c) {
    static_assert(D.m == 16, "one fragment of rows");
    auto& m = msl::machine();
    int base = msl::first_lane();
    m.brought[m.current][0] = (uint64_t)&a, m.brought[m.current][1] = (uint64_t)&b, m.brought[m.current][2] = (uint64_t)&c;
    msl::meet(msl::own_simdgroup(), 40, [&] {
      if (m.simd[base / 32].live != 32) msl::fail("a matrix operation of a simdgroup that is not whole");
      A* as[32];
      B* bs[32];
      C* cs[32];
      for (int l = 0; l < 32; ++l) as[l] = (A*)m.brought[base + l][0], bs[l] = (B*)m.brought[base + l][1], cs[l] = (C*)m.brought[base + l][2];
      for (int i = 0; i < D.m; ++i)
        for (int j = 0; j < D.n; ++j) {
          auto& sum = element(cs, j / 16, i, j % 16);
          if (D.how == matmul2d_descriptor::mode::multiply) sum = 0;
          for (int x = 0; x < D.k; ++x) {
            auto left = D.transpose_left ? element(as, x / 16, x % 16, i) : element(as, x / 16, i, x % 16);
            // One of the two inner extents is 16, so that one index counts the fragments.
            int f = x / 16 + j / 16;
            auto right = D.transpose_right ? element(bs, f, j % 16, x % 16) : element(bs, f, x % 16, j % 16);
            sum += left * right;
          }
        }
    });
  }
};
}  // namespace mpp::tensor_ops
