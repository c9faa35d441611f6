// Atomic operations. One fiber runs at a time, so that they are plain ones; the order of additions is that of the threads.
#pragma once
#include "types.h"

namespace metal {
enum memory_order { memory_order_relaxed };
template <class T> struct atomic { T value; };
typedef atomic<int> atomic_int;
typedef atomic<uint> atomic_uint;
typedef atomic<float> atomic_float;

#define MSL_ATOMIC(name, result)                                                             \
  template <class T> inline T atomic_##name##_explicit(atomic<T>* p, std::type_identity_t<T> x, memory_order) { \
    T old = p->value;                                                                        \
    p->value = result;                                                                       \
    return old;                                                                              \
  }
MSL_ATOMIC(fetch_add, old + x)
MSL_ATOMIC(fetch_sub, old - x)
MSL_ATOMIC(fetch_min, x < old ? x : old)
MSL_ATOMIC(fetch_max, x > old ? x : old)
MSL_ATOMIC(exchange, x)
MSL_ATOMIC(store, x)
#undef MSL_ATOMIC
#define MSL_ATOMIC(name, op)                                                                 \
  template <class T> inline T atomic_fetch_##name##_explicit(atomic<T>* p, std::type_identity_t<T> x, memory_order) { \
    T old = p->value;                                                                        \
    if constexpr (std::is_integral_v<T>) p->value = old op x;                                \
    return old;                                                                              \
  }
MSL_ATOMIC(and, &)
MSL_ATOMIC(or, |)
#undef MSL_ATOMIC
template <class T> inline T atomic_load_explicit(const atomic<T>* p, memory_order) { return p->value; }
template <class T> inline bool atomic_compare_exchange_weak_explicit(atomic<T>* p, T* expected, std::type_identity_t<T> x, memory_order, memory_order) {
  if (p->value == *expected) return p->value = x, true;
  return *expected = p->value, false;
}
}  // namespace metal
