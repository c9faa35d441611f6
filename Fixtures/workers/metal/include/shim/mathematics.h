// Functions of numbers. Templates, so that a C library's own function of the same name, where it is visible, is taken and not ambiguous.
#pragma once
#include "types.h"

namespace msl {
// The errors that the language allows fast::exp and fast::log, used up: 0 none, 1 in a direction drawn from the argument's bits.
inline int& coarse() {
  static int c = 0;
  return c;
}
inline double side(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  return u * 2654435761u >> 31 ? 1 : -1;
}
}  // namespace msl

namespace metal {
template <class T> constexpr bool is_number = std::is_arithmetic_v<T> || std::is_same_v<T, half> || std::is_same_v<T, bfloat>;
template <class T> using if_number = std::enable_if_t<is_number<T>>;
#define MSL_FUNCTION(name) \
  template <class T, class = if_number<T>> inline float name(T x) { return std::name((float)x); }
MSL_FUNCTION(exp) MSL_FUNCTION(exp2) MSL_FUNCTION(log) MSL_FUNCTION(log2) MSL_FUNCTION(log10) MSL_FUNCTION(sqrt) MSL_FUNCTION(tanh) MSL_FUNCTION(sin) MSL_FUNCTION(cos)
MSL_FUNCTION(floor) MSL_FUNCTION(ceil) MSL_FUNCTION(rint) MSL_FUNCTION(fabs)
#undef MSL_FUNCTION
template <class T, class = if_number<T>> inline T abs(T x) { return x < T(0) ? T(-x) : x; }
template <class T, class = if_number<T>> inline float rsqrt(T x) { return 1 / std::sqrt((float)x); }
template <class T, class = if_number<T>> inline float fma(T a, T b, T c) { return std::fma((float)a, (float)b, (float)c); }
template <class T, class = if_number<T>> inline float pow(T a, T b) { return std::pow((float)a, (float)b); }
// Of two numbers; the other one if one is NaN.
template <class T> inline T max(T a, T b) { return a != a ? b : b > a ? b : a; }
template <class T> inline T min(T a, T b) { return a != a ? b : b < a ? b : a; }
// Of a narrow number and a float: as floats.
template <class A, class B> using if_mixed = std::enable_if_t<!std::is_same_v<A, B> && is_number<A> && is_number<B> && (std::is_same_v<A, float> || std::is_same_v<B, float>)>;
template <class A, class B, class = if_mixed<A, B>> inline float max(A a, B b) { return max((float)a, (float)b); }
template <class A, class B, class = if_mixed<A, B>> inline float min(A a, B b) { return min((float)a, (float)b); }
inline float fmax(float a, float b) { return max(a, b); }
inline float fmin(float a, float b) { return min(a, b); }
template <class T> inline T clamp(T x, T low, T high) { return min(max(x, low), high); }
template <class T> inline T select(T a, T b, bool c) { return c ? b : a; }
template <class T, class = if_number<T>> inline bool isnan(T x) { return x != x; }
template <class T, class = if_number<T>> inline bool isinf(T x) { return std::fabs((float)x) == INFINITY; }
namespace precise {
using metal::exp, metal::exp2, metal::log, metal::log2, metal::rsqrt, metal::sqrt, metal::tanh;
}
namespace fast {
using metal::exp2, metal::log2, metal::rsqrt, metal::sqrt, metal::tanh;
// 3 + floor(2 |x|) units of the last place.
inline float exp(float x) {
  if (!msl::coarse()) return std::exp(x);
  return (float)(std::exp((double)x) * (1 + msl::side(x) * (3 + std::floor(std::fabs(2 * (double)x))) * 0x1p-24));
}
// 2^-21 from 1/2 to 2, 3 units of the last place elsewhere.
inline float log(float x) {
  if (!msl::coarse()) return std::log(x);
  double l = std::log((double)x);
  return (float)(x >= 0.5f && x <= 2.f ? l + msl::side(x) * 0x1p-21 : l * (1 + msl::side(x) * 3 * 0x1p-24));
}
}  // namespace fast
}  // namespace metal
