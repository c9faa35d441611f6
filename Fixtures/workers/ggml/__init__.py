"""ggml's gated delta rule, through ctypes."""
