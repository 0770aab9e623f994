/* Kernels of siamnas/nn/fused/ops.py, compiled by siamnas/nn/fused/kernels.py, which writes before this text:
 *   V nodes, LANES = B cells; NEIGHBOURS[V*V], 1 where A or A^T can be non-zero;
 *   along(x, stride, A, out), against(...): out = A x and A^T x for x (V, B) whose rows are `stride` apart.
 *
 * Cells are the innermost axis, so that every loop over b is one or a few vector instructions. The adjacency A is
 * (V, V, B) per repeat; its stride is 0 where all repeats share it.
 * The plain PyTorch versions of the same functions are in siamnas/nn/fused/ops.py; tests/nn compares the two.
 */
#define B LANES
#define N (V * B)

/* y (R, K, D, C, V, B) -> out (R, K, C, V, B): mean over the D directions of mish(BN(A_d y)), batch statistics.
 * mean, var (R, K, D, C) are written. */
void group_train(long R, int K, int D, int C, const float *A, long stride_a,
                 const float *y, const float *gamma, const float *beta, float eps, float *out, float *mean, float *var) {
    for (long r = 0; r < R; r++) EACH(kc, K * C) {
        int k = kc / C, c = kc % C;
        float total[N];
        EACH(d, D) {
            long i = ((r * K + k) * D + d) * C + c;
            float z[N], m = 0.f, q = 0.f;
            aggregate(d, y + i * N, B, A + r * stride_a, z);
            EACH(n, N) m += z[n];
            m /= N;
            EACH(n, N) { z[n] -= m; q += z[n] * z[n]; }
            q /= N;
            mean[i] = m;
            var[i] = q;
            float scale = gamma[i] / sqrtf(q + eps), shift = beta[i];
            EACH(n, N) { float a = mish(z[n] * scale + shift) / D; total[n] = d ? total[n] + a : a; }
        }
        memcpy(out + ((r * K + k) * (long)C + c) * N, total, sizeof total);
    }
}

/* The same with given statistics, folded to scale and shift (R, K, D, C). */
void group_infer(long R, int K, int D, int C, const float *A, long stride_a,
                 const float *y, const float *scale, const float *shift, float *out) {
    for (long r = 0; r < R; r++) EACH(kc, K * C) {
        int k = kc / C, c = kc % C;
        float total[N];
        EACH(d, D) {
            long i = ((r * K + k) * D + d) * C + c;
            float z[N], g = scale[i], h = shift[i];
            aggregate(d, y + i * N, B, A + r * stride_a, z);
            EACH(n, N) { float a = mish(z[n] * g + h) / D; total[n] = d ? total[n] + a : a; }
        }
        memcpy(out + ((r * K + k) * (long)C + c) * N, total, sizeof total);
    }
}

/* Gradients of group_train. */
void group_grad(long R, int K, int D, int C, const float *A, long stride_a, const float *y, const float *gamma, const float *beta, float eps,
                const float *mean, const float *var, const float *dout, float *dy, float *dgamma, float *dbeta) {
    for (long r = 0; r < R; r++) EACH(kc, K * C) {
        int k = kc / C, c = kc % C;
        const float *o = dout + ((r * K + k) * (long)C + c) * N;
        EACH(d, D) {
            long i = ((r * K + k) * D + d) * C + c;
            float h[N], g[N], m = mean[i], s = 1.f / sqrtf(var[i] + eps), ga = gamma[i], be = beta[i], sum_g = 0.f, sum_gh = 0.f;
            aggregate(d, y + i * N, B, A + r * stride_a, h);
            EACH(n, N) {
                h[n] = (h[n] - m) * s;
                float x = h[n] * ga + be, w = exponential(x), u = w * (w + 2.f), inverse = 1.f / (u + 2.f);
                float slope = u * inverse + x * 4.f * w * (w + 1.f) * inverse * inverse;
                g[n] = o[n] * slope / D;
                sum_g += g[n];
                sum_gh += g[n] * h[n];
            }
            dbeta[i] = sum_g;
            dgamma[i] = sum_gh;
            sum_g /= N;
            sum_gh /= N;
            EACH(n, N) g[n] = ga * s * (g[n] - sum_g - h[n] * sum_gh);
            aggregate(1 - d, g, B, A + r * stride_a, dy + i * N);
        }
    }
}

/* The softmax of a NaN logit is NaN; `exponential` made a number of it. A function of its own, which is not compiled into
 * the loops around it, since those would then add in another order. */
static __attribute__((noinline)) void keep_nan(const float *logits, float *weights) {
    int any = 0;
    EACH(n, V * V * B) any |= is_nan(logits[n]);
    if (any) EACH(n, V * V * B) if (is_nan(logits[n])) weights[n] = weights[V * V * B + n] = logits[n];
}

/* Node self-attention over both directions: out[i] = sum_j (softmax_j(q.k A) + softmax_j(q.k A^T))[i, j] v[j].
 * q, k, v (R, C, V, B) with repeat strides;
 * weights (R, 2, V, V, B) and out (R, C, V, B) are written. */
void attention(long R, int C, const float *A, long stride_a, const float *q, long stride_q, const float *k,
               long stride_k, const float *v, long stride_v, float *weights, float *out) {
    for (long r = 0; r < R; r++) {
        const float *Q = q + r * stride_q, *K = k + r * stride_k, *X = v + r * stride_v, *Ar = A + r * stride_a;
        float *W = weights + r * 2 * V * V * B, *O = out + r * (long)C * N;
        float logits[V][V][B];
        memset(logits, 0, sizeof logits);
        EACH(c, C) EACH(i, V) EACH(j, V) if (NEIGHBOURS[i * V + j])
            EACH(b, B) logits[i][j][b] += Q[(c * V + i) * B + b] * K[(c * V + j) * B + b];
        EACH(d, 2) EACH(i, V) {
            float top[B], sum[B], *Wi = W + (d * V + i) * V * B;
            EACH(b, B) { top[b] = -1e30f; sum[b] = 0.f; }
            EACH(j, V) {
                const float *a = Ar + (d ? j * V + i : i * V + j) * B;
                EACH(b, B) { float x = logits[i][j][b] * a[b]; Wi[j * B + b] = x; top[b] = x > top[b] ? x : top[b]; }
            }
            EACH(j, V) EACH(b, B) { float e = exponential(Wi[j * B + b] - top[b]); Wi[j * B + b] = e; sum[b] += e; }
            EACH(j, V) EACH(b, B) Wi[j * B + b] /= sum[b];
        }
        float *S = &logits[0][0][0];
        keep_nan(S, W);
        EACH(n, V * V * B) S[n] = W[n] + W[V * V * B + n];
        EACH(c, C) EACH(i, V) {
            float sum[B];
            EACH(b, B) sum[b] = 0.f;
            EACH(j, V) EACH(b, B) sum[b] += S[(i * V + j) * B + b] * X[(c * V + j) * B + b];
            EACH(b, B) O[(c * V + i) * B + b] = sum[b];
        }
    }
}

/* Gradients of attention; dq, dk, dv (R, C, V, B) contiguous. */
void attention_grad(long R, int C, const float *A, long stride_a, const float *q, long stride_q,
                    const float *k, long stride_k, const float *v, long stride_v, const float *weights, const float *dout,
                    float *dq, float *dk, float *dv) {
    for (long r = 0; r < R; r++) {
        const float *Q = q + r * stride_q, *K = k + r * stride_k, *X = v + r * stride_v, *Ar = A + r * stride_a;
        const float *W = weights + r * 2 * V * V * B;
        float S[V][V][B], dS[V][V][B], dlogits[V][V][B];
        memset(dS, 0, sizeof dS);
        memset(dlogits, 0, sizeof dlogits);
        EACH(n, V * V * B) (&S[0][0][0])[n] = W[n] + W[V * V * B + n];
        EACH(c, C) {
            const float *g = dout + (r * C + c) * N, *x = X + (long)c * N;
            EACH(i, V) EACH(j, V) EACH(b, B) dS[i][j][b] += g[i * B + b] * x[j * B + b];
            EACH(j, V) {
                float sum[B];
                EACH(b, B) sum[b] = 0.f;
                EACH(i, V) EACH(b, B) sum[b] += S[i][j][b] * g[i * B + b];
                EACH(b, B) dv[((r * C + c) * V + j) * B + b] = sum[b];
            }
        }
        EACH(d, 2) EACH(i, V) {
            const float *Wi = W + (d * V + i) * V * B;
            float sum[B];
            EACH(b, B) sum[b] = 0.f;
            EACH(j, V) EACH(b, B) sum[b] += Wi[j * B + b] * dS[i][j][b];
            EACH(j, V) {
                const float *a = Ar + (d ? j * V + i : i * V + j) * B;
                EACH(b, B) dlogits[i][j][b] += a[b] * Wi[j * B + b] * (dS[i][j][b] - sum[b]);
            }
        }
        EACH(c, C) {
            const float *qc = Q + (long)c * N, *kc = K + (long)c * N;
            float gq[N], gk[N];
            memset(gq, 0, sizeof gq);
            memset(gk, 0, sizeof gk);
            EACH(i, V) EACH(j, V) if (NEIGHBOURS[i * V + j]) EACH(b, B) {
                gq[i * B + b] += dlogits[i][j][b] * kc[j * B + b];
                gk[j * B + b] += dlogits[i][j][b] * qc[i * B + b];
            }
            memcpy(dq + (r * C + c) * N, gq, sizeof gq);
            memcpy(dk + (r * C + c) * N, gk, sizeof gk);
        }
    }
}
