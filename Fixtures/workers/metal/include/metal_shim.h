// The Metal language for a C++ compiler, as far as compute kernels of this kind use it. Included before a kernel's text, which is then C++.
//
// Threadgroups run one after the other. Every thread of one is a fiber on one thread of the system: it runs until a barrier or an operation of its
// simdgroup makes it wait for its fellows. C++20; clang++, or g++ from 12 on (on arm64 from 13 on: _Float16).
#pragma once
#include "shim/atomics.h"
#include "shim/launch.h"
#include "shim/mathematics.h"
#include "shim/simdgroup.h"
#include "shim/tensor_operations.h"
#include "shim/tiles.h"
#include "shim/traits.h"
#include "shim/types.h"

using namespace metal;

#define METAL_FUNC inline
#define METAL_CONST
#ifdef __clang__
#define MLX_MTL_PRAGMA_UNROLL _Pragma("clang loop unroll(full)")
#else
#define MLX_MTL_PRAGMA_UNROLL
#endif
#define __metal_get_thread_index_in_simdgroup(kind) ((decltype(kind))msl::lane())

// There is one address space here. `threadgroup T name[N];`, which declares memory, is rewritten before this is seen (translation.py).
#define device
#define constant
#define thread
#define kernel
#define threadgroup
