"""Metal kernels on a CPU: the source of an installed library, compiled by a C++ compiler and run thread by thread."""
