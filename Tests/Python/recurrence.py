"""The rule in numpy, as somebody would write it who tests a kernel of their own."""

import numpy as np


def recurrence(q, k, v, g, beta, state=None, mask=None):
    """S = S g;  S = S + beta (v - S k) k^T;  y = S q, in float32."""
    q, k, v, g, beta = (x.astype(np.float32) for x in (q, k, v, g, beta))
    B, T, Hk, Dk = q.shape
    Hv, Dv = v.shape[2:]
    q, k = (np.repeat(x, Hv // Hk, axis=2) for x in (q, k))
    S = np.zeros((B, Hv, Dv, Dk), np.float32) if state is None else state.astype(np.float32)
    y = np.zeros_like(v)
    for t in range(T):
        kt = k[:, t, :, None, :]
        new = S * g[:, t, :, None, None]
        error = v[:, t, :, :, None] - (new * kt).sum(-1, keepdims=True)
        new = new + beta[:, t, :, None, None] * error * kt
        S = new if mask is None else np.where(mask[:, t, None, None, None], new, S)
        y[:, t] = (S * q[:, t, :, None, :]).sum(-1)
    return y, S


def halved_from_token_3(q, k, v, g, beta, state=None):
    y, S = recurrence(q, k, v, g, beta, state)
    y[:, 3:] *= 0.5
    return y, S
