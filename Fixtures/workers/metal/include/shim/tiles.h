// Matrices of 8 x 8 that a simdgroup holds together: a lane has (row, column) and (row, column + 1).
#pragma once
#include "simdgroup.h"

namespace msl {
inline int row_of(int lane) { return (lane / 4 & 4) + lane / 2 % 4; }
inline int column_of(int lane) { return (lane / 4 & 2) * 2 + lane % 2 * 2; }
}  // namespace msl

namespace metal {
template <class T, int R, int C> struct simdgroup_matrix {
  T e[2];
  T* thread_elements() { return e; }
  const T* thread_elements() const { return e; }
};
typedef simdgroup_matrix<float, 8, 8> simdgroup_float8x8;
typedef simdgroup_matrix<half, 8, 8> simdgroup_half8x8;
typedef simdgroup_matrix<bfloat, 8, 8> simdgroup_bfloat8x8;

template <class T, int C, int R = C> inline simdgroup_matrix<T, C, R> make_filled_simdgroup_matrix(T v) { return {{v, v}}; }

template <class P> inline P* place_in(P* p, ulong ld, ulong2 origin, bool transposed, int i) {
  int r = msl::row_of(msl::lane()), c = msl::column_of(msl::lane()) + i;
  return p + origin.y * ld + origin.x + (transposed ? c * ld + r : r * ld + c);
}
template <class T, class P> inline void simdgroup_load(simdgroup_matrix<T, 8, 8>& d, const P* p, ulong ld, ulong2 origin = {0, 0}, bool transposed = false) {
  for (int i = 0; i < 2; ++i) d.e[i] = (T)*place_in(p, ld, origin, transposed, i);
}
template <class T, class P> inline void simdgroup_store(const simdgroup_matrix<T, 8, 8>& s, P* p, ulong ld, ulong2 origin = {0, 0}, bool transposed = false) {
  for (int i = 0; i < 2; ++i) *place_in(p, ld, origin, transposed, i) = (P)s.e[i];
}

// d = a b + c, products added in the order of the inner index.
template <class T>
inline void simdgroup_multiply_accumulate(simdgroup_matrix<T, 8, 8>& d, const simdgroup_matrix<T, 8, 8>& a, const simdgroup_matrix<T, 8, 8>& b, const simdgroup_matrix<T, 8, 8>& c) {
  auto& m = msl::machine();
  int me = m.current, base = msl::first_lane();
  const T* operands[3] = {a.e, b.e, c.e};
  for (int j = 0; j < 3; ++j) memcpy(&m.brought[me][j], operands[j], 2 * sizeof(T));
  msl::meet(msl::own_simdgroup(), 30, [&] {
    if (m.simd[base / 32].live != 32) msl::fail("a matrix operation of a simdgroup that is not whole");
    T of[3][8][8];
    for (int l = 0; l < 32; ++l)
      for (int j = 0; j < 3; ++j) memcpy(&of[j][msl::row_of(l)][msl::column_of(l)], &m.brought[base + l][j], 2 * sizeof(T));
    for (int x = 0; x < 8; ++x)
      for (int i = 0; i < 8; ++i)
        for (int y = 0; y < 8; ++y) of[2][i][y] = of[2][i][y] + of[0][i][x] * of[1][x][y];
    for (int l = 0; l < 32; ++l) memcpy(&m.taken[base + l][0], &of[2][msl::row_of(l)][msl::column_of(l)], 2 * sizeof(T));
  });
  memcpy(d.e, &m.taken[me][0], 2 * sizeof(T));
}
template <class T> inline void simdgroup_multiply(simdgroup_matrix<T, 8, 8>& d, const simdgroup_matrix<T, 8, 8>& a, const simdgroup_matrix<T, 8, 8>& b) {
  simdgroup_multiply_accumulate(d, a, b, simdgroup_matrix<T, 8, 8>{{T(0), T(0)}});
}
}  // namespace metal
