// What MLX's steel/utils/type_traits.h says of types, where there is one address space.
#pragma once
#include "types.h"

namespace metal {
using std::is_integral_v, std::is_empty, std::is_empty_v, std::void_t;
template <class T> struct is_static : std::is_empty<std::remove_cv_t<T>> {};
template <class T> struct pointer_element {};
template <class T> struct pointer_element<T*> { using type = std::remove_cv_t<T>; };
template <class T> using pointer_element_t = typename pointer_element<std::remove_cv_t<T>>::type;
}  // namespace metal
