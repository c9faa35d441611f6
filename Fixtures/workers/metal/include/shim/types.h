// Scalars and vectors.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;
typedef unsigned long ulong;
typedef _Float16 half;

struct bfloat {
  uint16_t bits;
  bfloat() = default;
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T> || std::is_same_v<T, half>>>
  explicit bfloat(T x) {
    float f = (float)x;
    uint32_t u;
    memcpy(&u, &f, 4);
    bits = (u & 0x7fffffff) > 0x7f800000 ? (u >> 16) | 0x40 : (u + 0x7fff + ((u >> 16) & 1)) >> 16;
  }
  operator float() const {
    uint32_t u = (uint32_t)bits << 16;
    float f;
    memcpy(&f, &u, 4);
    return f;
  }
};
#define MSL_OPERATOR(op) \
  inline bfloat operator op(bfloat a, bfloat b) { return bfloat((float)a op (float)b); }
MSL_OPERATOR(+)
MSL_OPERATOR(-)
MSL_OPERATOR(*)
MSL_OPERATOR(/)
#undef MSL_OPERATOR
typedef bfloat bfloat16_t;
typedef half float16_t;

namespace metal {
template <class T, int N> struct vec_storage { T v[N]; };
template <class T> struct vec_storage<T, 2> { union { T v[2]; struct { T x, y; }; }; };
template <class T> struct vec_storage<T, 3> { union { T v[3]; struct { T x, y, z; }; }; };
template <class T> struct vec_storage<T, 4> { union { T v[4]; struct { T x, y, z, w; }; }; };

// Operators are friends, no templates, so that they go before templates that a library has for anything with these operators.
#define MSL_OPERATOR(op)                                                                             \
  friend vec operator op(vec a, vec b) { for (int i = 0; i < N; ++i) a[i] = a[i] op b[i]; return a; } \
  friend vec operator op(vec a, T b) { return a op vec(b); }                                         \
  friend vec operator op(T a, vec b) { return vec(a) op b; }                                         \
  friend vec& operator op##=(vec& a, vec b) { return a = a op b; }                                   \
  friend vec& operator op##=(vec& a, T b) { return a = a op vec(b); }
template <class T, int N>
struct vec : vec_storage<T, N> {
  vec() = default;
  template <class S, class = std::enable_if_t<std::is_convertible_v<S, T>>>
  explicit(std::is_class_v<S>) vec(S s) { for (T& e : this->v) e = T(s); }
  template <class... S, class = std::enable_if_t<sizeof...(S) == N && (N > 1)>>
  vec(S... s) { int i = 0; ((this->v[i++] = T(s)), ...); }
  template <class S> explicit vec(const vec<S, N>& other) { for (int i = 0; i < N; ++i) this->v[i] = T(other[i]); }
  T& operator[](int i) { return this->v[i]; }
  const T& operator[](int i) const { return this->v[i]; }
  friend vec operator-(vec a) { for (int i = 0; i < N; ++i) a[i] = -a[i]; return a; }
  MSL_OPERATOR(+)
  MSL_OPERATOR(-)
  MSL_OPERATOR(*)
  MSL_OPERATOR(/)
};
#undef MSL_OPERATOR
template <class T, int N> inline T dot(vec<T, N> a, vec<T, N> b) { T s = a[0] * b[0]; for (int i = 1; i < N; ++i) s = s + a[i] * b[i]; return s; }

using std::conditional_t, std::enable_if, std::enable_if_t, std::is_convertible_v, std::is_floating_point_v, std::is_integral, std::is_same, std::is_same_v;
using std::bool_constant, std::false_type, std::integral_constant, std::remove_cv_t, std::true_type;
template <class T> using remove_addrspace_t = T;
template <class... B> using _disjunction = std::disjunction<B...>;

template <class T> struct numeric_limits : std::numeric_limits<T> {};
template <> struct numeric_limits<half> {
  static half infinity() { return half(INFINITY); }
  static half max() { return half(65504.f); }
};
template <> struct numeric_limits<bfloat> {
  static bfloat infinity() { return bfloat(INFINITY); }
  static bfloat max() { return bfloat(0x1.fep127f); }
};
template <class To, class From>
inline To as_type(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To t;
  memcpy(&t, &x, sizeof t);
  return t;
}
}  // namespace metal

#define MSL_VECTORS(type, name) typedef metal::vec<type, 2> name##2; typedef metal::vec<type, 3> name##3; typedef metal::vec<type, 4> name##4;
MSL_VECTORS(float, float) MSL_VECTORS(half, half) MSL_VECTORS(bfloat, bfloat) MSL_VECTORS(int, int) MSL_VECTORS(uint, uint)
MSL_VECTORS(short, short) MSL_VECTORS(ushort, ushort) MSL_VECTORS(ulong, ulong)
