// Operations of a simdgroup: every lane brings a value, the last one to come computes what each takes away.
#pragma once
#include "mathematics.h"
#include "threadgroup.h"

enum class mem_flags { mem_none, mem_device, mem_threadgroup };

namespace msl {
// The order of the additions of simd_sum, which the language leaves open.
enum Order { ASCENDING, DESCENDING, SERIAL };  // exclusive-or butterfly from 1 up to 16, as mlx-lm says of today's GPUs; from 16 down; lane by lane
inline int& sum_order() {
  static int order = ASCENDING;
  return order;
}

// result(lane, values of all lanes, which lanes are there)
template <class T, class F>
inline T together(int operation, T mine, F result) {
  static_assert(sizeof(T) <= sizeof machine().taken[0]);
  Machine& m = machine();
  int me = m.current, base = first_lane();
  memcpy(m.brought[me], &mine, sizeof mine);
  meet(own_simdgroup(), operation, [&] {
    T values[SIMD];
    bool live[SIMD];
    for (int i = 0; i < SIMD; ++i) {
      live[i] = base + i < m.n && !m.done[base + i];
      if (live[i]) memcpy(&values[i], m.brought[base + i], sizeof(T));
    }
    for (int i = 0; i < SIMD; ++i) {
      if (!live[i]) continue;
      T taken = result(i, values, live);
      memcpy(m.taken[base + i], &taken, sizeof taken);
    }
  });
  memcpy(&mine, m.taken[me], sizeof mine);
  return mine;
}

template <class T>
inline T sum(T* values, bool* live) {
  T w[SIMD];
  for (int i = 0; i < SIMD; ++i) w[i] = live[i] ? values[i] : T(0);
  if (sum_order() == SERIAL) {
    for (int i = 1; i < SIMD; ++i) w[0] = w[0] + w[i];
    return w[0];
  }
  for (int level = 0; level < 5; ++level) {
    int d = sum_order() == ASCENDING ? 1 << level : 16 >> level;
    T u[SIMD];
    for (int i = 0; i < SIMD; ++i) u[i] = w[i] + w[i ^ d];
    memcpy(w, u, sizeof w);
  }
  return w[0];
}

// The value of a lane, which need not be there: undefined then.
template <class T>
inline T of_lane(int i, T* values, bool* live) {
  if (i >= 0 && i < SIMD && live[i]) return values[i];
  if (machine().strict) fail("a shuffle reads a lane that is not there");
  T nothing;
  memset(&nothing, 0xFF, sizeof nothing);
  return nothing;
}
}  // namespace msl

namespace metal {
template <class T> inline T simd_sum(T x) {
  return msl::together<T>(1, x, [s = T(), summed = false](int, T* v, bool* live) mutable { return summed ? s : (summed = true, s = msl::sum(v, live)); });
}
#define MSL_FOLD(name, operation, better)                                                                   \
  template <class T> inline T name(T x) {                                                                   \
    return msl::together<T>(operation, x, [](int i, T* v, bool* live) {                                      \
      T s = v[i];                                                                                           \
      for (int j = 0; j < 32; ++j)                                                                          \
        if (live[j] && v[j] better s) s = v[j];                                                             \
      return s;                                                                                             \
    });                                                                                                     \
  }
MSL_FOLD(simd_max, 2, >)
MSL_FOLD(simd_min, 3, <)
#undef MSL_FOLD
template <class T> inline T simd_prefix_inclusive_sum(T x) {
  return msl::together<T>(4, x, [](int i, T* v, bool*) { T s = v[0]; for (int j = 1; j <= i; ++j) s = s + v[j]; return s; });
}
template <class T> inline T simd_prefix_exclusive_sum(T x) {
  return msl::together<T>(5, x, [](int i, T* v, bool*) { T s = T(0); for (int j = 0; j < i; ++j) s = s + v[j]; return s; });
}
#define MSL_SHUFFLE(name, operation, result)                                                                \
  template <class T> inline T name(T x, ushort distance) {                                                  \
    msl::machine().brought[msl::machine().current][3] = distance;                                           \
    return msl::together<T>(operation, x, [](int i, T* v, bool* live) {                                     \
      int d = (int)msl::machine().brought[msl::first_lane() + i][3];                                        \
      return result;                                                                                        \
    });                                                                                                     \
  }
MSL_SHUFFLE(simd_shuffle, 6, msl::of_lane(d, v, live))
MSL_SHUFFLE(simd_broadcast, 7, msl::of_lane(d, v, live))
MSL_SHUFFLE(simd_shuffle_xor, 8, msl::of_lane(i ^ d, v, live))
// The lanes at the end keep what they have.
MSL_SHUFFLE(simd_shuffle_down, 9, i + d < 32 ? msl::of_lane(i + d, v, live) : v[i])
MSL_SHUFFLE(simd_shuffle_up, 10, i >= d ? msl::of_lane(i - d, v, live) : v[i])
#undef MSL_SHUFFLE
template <class T> inline T simd_broadcast_first(T x) {
  return msl::together<T>(11, x, [](int, T* v, bool* live) { int j = 0; while (!live[j]) ++j; return v[j]; });
}
inline bool simd_is_first() {
  int first = msl::first_lane();
  while (msl::machine().done[first]) ++first;
  return first == msl::machine().current;
}
inline void simdgroup_barrier(mem_flags) { msl::meet(msl::own_simdgroup(), 20, [] {}); }
inline void threadgroup_barrier(mem_flags) { msl::meet(msl::machine().all, 21, [] {}); }
}  // namespace metal
