"""JAX functions as workers, on a TPU or on whatever JAX runs on."""
