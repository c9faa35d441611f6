"""flashinfer's functions of this rule in plain PyTorch, so that flashinfer_worker.py can be tried where there is no GPU. Signatures, layouts, in-place
updates and what a negative index does are those of flashinfer's documentation; the arithmetic is one token after the other in float32."""

import torch
import torch.nn.functional as F


def one_token(S, q, k, v, g, beta, scale, normalises):
    """S [HV,V,K] afterwards, and y [HV,V]."""
    group = v.shape[0] // q.shape[0]
    q, k = (t.float().repeat_interleave(group, dim=0) for t in (q, k))
    if normalises:
        q, k = (t * torch.rsqrt((t * t).sum(-1, keepdim=True) + 1e-6) for t in (q, k))
    S = S * g[:, None, None]
    e = v.float() - (S @ k[..., None])[..., 0]
    S = S + beta[:, None, None] * e[..., None] * k[:, None, :]
    return S, scale * (S @ q[..., None])[..., 0]


def chunk_gated_delta_rule(
    q, k, v, g=None, beta=None, scale=None, initial_state=None, output_final_state=False, cu_seqlens=None, use_qk_l2norm_in_kernel=False,
    output=None, output_state=None, state_indices=None, use_cp="auto",
):  # fmt: skip
    """Packed rows [total, heads, K]; states [rows, HV, V, K], or a pool of them with an index for each row."""
    assert cu_seqlens is not None, "cu_seqlens is required for varlen mode"
    if state_indices is not None and output_final_state and output_state is None:
        raise ValueError("state_indices needs an explicit output_state pool")
    ends, HV = cu_seqlens.tolist(), v.shape[1]
    scale = q.shape[2] ** -0.5 if not scale else scale
    output = torch.empty_like(v) if output is None else output
    if output_state is None:
        output_state = torch.empty(len(ends) - 1, HV, v.shape[2], q.shape[2])
    where = range(len(ends) - 1) if state_indices is None else state_indices.tolist()
    for row, slot in enumerate(where):
        S = torch.zeros(HV, v.shape[2], q.shape[2]) if initial_state is None else initial_state[slot].float().clone()
        for t in range(ends[row], ends[row + 1]):
            S, y = one_token(S, q[t], k[t], v[t], g[t], beta[t], scale, use_qk_l2norm_in_kernel)
            output[t] = y.to(output.dtype)
        if output_final_state:
            output_state[slot] = S
    return (output, output_state) if output_final_state else output


def gates(a, dt_bias, A_log, b):
    return torch.exp(-torch.exp(A_log) * F.softplus(a.float() + dt_bias.float())), torch.sigmoid(b.float())


def tokens(q, k, v, pool, indices, A_log, a, dt_bias, b, scale, normalises, buffer=None, updates=True):
    """[B, T] tokens from the slots of a pool; a negative one is skipped, and its output is zero; it is slot 0 of a pool in bf16."""
    scale = q.shape[3] ** -0.5 if scale is None else scale
    y = torch.zeros_like(v)
    for row, slot in enumerate(indices.tolist()):
        if slot < 0 and pool.dtype == torch.bfloat16:
            slot = 0
        if slot < 0:
            continue
        S = pool[slot].float().clone()
        for t in range(q.shape[1]):
            g, beta = gates(a[row, t], dt_bias, A_log, b[row, t])
            S, out = one_token(S, q[row, t], k[row, t], v[row, t], g, beta, scale, normalises)
            y[row, t] = out.to(y.dtype)
            if buffer is not None:
                buffer[row, t] = S
        if updates:
            pool[slot] = S.to(pool.dtype)
    return y


def gated_delta_rule_decode_pretranspose(
    q, k, v, state, A_log, a, dt_bias, b, scale=None, output=None, use_qk_l2norm=True, initial_state=None, initial_state_indices=None,
    intermediate_states_buffer=None, disable_state_update=False,
):  # fmt: skip
    """One token, or several on a pool; states [B,HV,V,K], or a pool of them with an index for each row."""
    assert (q.shape[1] == 1 or initial_state is not None) and output is None
    assert (initial_state is None) == (initial_state_indices is None)
    pool = state if initial_state is None else initial_state
    indices = torch.arange(q.shape[0]) if initial_state_indices is None else initial_state_indices
    further = use_qk_l2norm, intermediate_states_buffer, not disable_state_update
    return tokens(q, k, v, pool, indices, A_log, a, dt_bias, b, scale, *further), pool


def gated_delta_rule_decode(q, k, v, state, A_log, a, dt_bias, b, scale=None, output=None, use_qk_l2norm=True):
    """One token; states [B,HV,K,V], updated in place."""
    assert q.shape[1] == 1 and output is None
    turned = state.mT.clone()
    y = tokens(q, k, v, turned, torch.arange(q.shape[0]), A_log, a, dt_bias, b, scale, use_qk_l2norm)
    state.copy_(turned.mT)
    return y, state


def gated_delta_rule_mtp(
    q, k, v, initial_state, initial_state_indices, A_log, a, dt_bias, b, scale=None, output=None, intermediate_states_buffer=None,
    disable_state_update=None, use_qk_l2norm=True,
):  # fmt: skip
    """Several tokens from a pool of states [slots,HV,V,K]; the states behind each token go to a buffer [B,T,HV,V,K]."""
    assert q.shape[1] > 1 and output is None and disable_state_update is not None
    further = use_qk_l2norm, intermediate_states_buffer, not disable_state_update
    return tokens(q, k, v, initial_state, initial_state_indices, A_log, a, dt_bias, b, scale, *further), initial_state
