/* Kernel of siamnas/nn/fused/ranking.py, compiled by siamnas/nn/fused/kernels.py, which writes before this text:
 *   V nodes, LANES = C channels; SUPPORT[V*V], 1 where A is 1 (the same for all cells), and NEIGHBOURS[V*V], 1 where A or A^T is;
 *   along(x, stride, A, out), against(...): out = A x and A^T x for x (V, C) whose rows are `stride` apart; A is not read.
 *
 * Channels are the innermost axis, because a table row of C channels is what cells share. A few cells at a time go through
 * the whole network, so that nothing in between leaves the cache.
 */
#define C LANES
#define N (V * C)
#define CELLS 3                                     /* that go through the network together */
#define BLOCK 6                                     /* rows whose products are kept in registers, 16 channels of each */
#define ROWS ((CELLS * V + BLOCK - 1) / BLOCK * BLOCK)

typedef float vec __attribute__((vector_size(32), aligned(4)));

/* out (ROWS, C) = x (ROWS, C) times w (C, C). */
static void product(const float *restrict x, const float *restrict w, float *restrict out) {
    const int whole = C / 16 * 16;
    for (int c = 0; c < whole; c += 16) for (int i = 0; i < ROWS; i += BLOCK) {
        vec sum[BLOCK][2] = {0};
        EACH(k, C) {
            vec a = *(const vec *)(w + k * C + c), b = *(const vec *)(w + k * C + c + 8);
            #pragma GCC unroll 6
            EACH(n, BLOCK) {
                float f = x[(i + n) * C + k];
                sum[n][0] += f * a;
                sum[n][1] += f * b;
            }
        }
        #pragma GCC unroll 6
        EACH(n, BLOCK) {
            *(vec *)(out + (i + n) * C + c) = sum[n][0];
            *(vec *)(out + (i + n) * C + c + 8) = sum[n][1];
        }
    }
    EACH(i, ROWS) for (int c = whole; c < C; c++) {
        float sum = 0.f;
        EACH(k, C) sum += x[i * C + k] * w[k * C + c];
        out[i * C + c] = sum;
    }
}

/* total (V, C) = or += half of mish(z * scale + shift), z (V, C). */
static inline void activate(int direction, const float *restrict z, const float *restrict scale, const float *restrict shift,
                            float *restrict total) {
    EACH(v, V) EACH(c, C) {
        float a = mish(z[v * C + c] * scale[c] + shift[c]) / 2;
        total[v * C + c] = direction ? total[v * C + c] + a : a;
    }
}

/* A graph-convolution group of CELLS cells: x (ROWS, C) -> out (ROWS, C); w (2, C, C), scale and shift (2, C). */
static void group(const float *x, const float *w, const float *scale, const float *shift, float *out) {
    float ax[ROWS * C] = {0}, z[ROWS * C];
    EACH(d, 2) {
        EACH(b, CELLS) aggregate(d, x + b * N, C, NULL, ax + b * N);
        product(ax, w + d * C * C, z);
        EACH(b, CELLS) activate(d, z + b * N, scale + d * C, shift + d * C, out + b * N);
    }
}

/* The k-th group of one cell straight from the rows that its nodes are sums of, already multiplied: table (rows, K, 2, C). */
static void group_of_rows(const int *places, const float *table, int K, int k, const float *scale, const float *shift, float *out) {
    EACH(d, 2) {
        float y[N], z[N];
        EACH(v, V) {
            const float *a = table + (((long)places[v] * K + k) * 2 + d) * C, *b = table + (((long)places[V + v] * K + k) * 2 + d) * C;
            EACH(c, C) y[v * C + c] = a[c] + b[c];
        }
        aggregate(d, y, C, NULL, z);
        activate(d, z, scale + (k * 2 + d) * C, shift + (k * 2 + d) * C, out);
    }
}

/* x += node self-attention, all (V, C). */
static void attend(const float *q, const float *k, const float *v, float *x) {
    float weights[2 * V * V];
    EACH(i, V) EACH(j, V) {
        float dot = 0.f;
        if (NEIGHBOURS[i * V + j]) EACH(c, C) dot += q[i * C + c] * k[j * C + c];
        weights[i * V + j] = SUPPORT[i * V + j] ? dot : 0.f;
        weights[V * V + i * V + j] = SUPPORT[j * V + i] ? dot : 0.f;
    }
    EACH(i, 2 * V) {
        float top = weights[i * V], sum = 0.f;
        EACH(j, V) top = weights[i * V + j] > top ? weights[i * V + j] : top;
        EACH(j, V) { weights[i * V + j] = exponential(weights[i * V + j] - top); sum += weights[i * V + j]; }
        EACH(j, V) weights[i * V + j] /= sum;
    }
    EACH(i, V) EACH(j, V) {
        float weight = weights[i * V + j] + weights[V * V + i * V + j];
        EACH(c, C) x[i * C + c] += weight * v[j * C + c];
    }
}

/* What the unit of the network reads: out (R, M, V), the features' mean over the channels, or (R, M, C), over the nodes.
 *
 * places (M, 2, V): the two rows of each node, `stride` apart from one repeat to the next (0 where all rank the same cells).
 * features (R, rows, C): of the rows, after the stem. first (R, rows, K, 2, C): these times the weights of the first
 * product after the stem: of q, k and v (K = 3), or of the third group (K = 1), which then is all there is;
 * first_scale, first_shift (R, K, 2, C). w (R, 2, 2, C, C), scale, shift (R, 2, 2, C): of the last group of the NSAM and the third.
 */
void rank(long R, long M, long rows, int K, const int *places, long stride, const float *features, const float *first,
          const float *first_scale, const float *first_shift, const float *w, const float *scale, const float *shift,
          int over_channels, float *out) {
    for (long r = 0; r < R; r++) for (long m = 0; m < M; m += CELLS) {
        const float *table = first + r * rows * K * 2 * C, *f = features + r * rows * C;
        const float *first_g = first_scale + r * K * 2 * C, *first_h = first_shift + r * K * 2 * C;
        int cells = M - m < CELLS ? M - m : CELLS;
        float x[ROWS * C] = {0}, y[ROWS * C];
        EACH(b, cells) {
            const int *p = places + r * stride + (m + b) * 2 * V;
            float *own = x + b * N, qkv[3][N];
            if (K == 1) { group_of_rows(p, table, 1, 0, first_g, first_h, own); continue; }
            EACH(k, 3) group_of_rows(p, table, 3, k, first_g, first_h, qkv[k]);
            EACH(v, V) EACH(c, C) own[v * C + c] = f[(long)p[v] * C + c] + f[(long)p[V + v] * C + c];
            attend(qkv[0], qkv[1], qkv[2], own);
        }
        if (K > 1) {
            const float *g = scale + r * 4 * C, *h = shift + r * 4 * C, *W = w + r * 4 * C * C;
            group(x, W, g, h, y);
            group(y, W + 2 * C * C, g + 2 * C, h + 2 * C, x);
        }
        EACH(b, cells) {
            float *means = out + (r * M + m + b) * (over_channels ? V : C);
            if (over_channels) EACH(v, V) { float sum = 0.f; EACH(c, C) sum += x[b * N + v * C + c]; means[v] = sum / C; }
            else EACH(c, C) { float sum = 0.f; EACH(v, V) sum += x[b * N + v * C + c]; means[c] = sum / V; }
        }
    }
}
