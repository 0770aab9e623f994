/* What the kernels of training.c and ranking.c share; siamnas/nn/fused/kernels.py writes the constants and the sums over neighbours
 * `along` and `against` before this text. Arrays are float32 and contiguous unless a stride is passed; the innermost axis of LANES
 * values is what the processor's vector instructions run over.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

/* e^x to 1e-7 relative (Cephes coefficients), x clamped to [-87, 20]: beyond 20 mish(x) = x in float32.
 * The clamp turns NaN into a number. */
static inline float exponential(float x) {
    x = x > 20.f ? 20.f : x;
    x = x < -87.f ? -87.f : x;
    float k = floorf(x * 1.44269504088896341f + 0.5f);
    float r = x - k * 0.693359375f + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.f;
    union { int i; float f; } scale;
    scale.i = ((int)k + 127) << 23;
    return p * scale.f;
}

/* mish(x) = x tanh(softplus(x)) = x n / (n + 2) with w = e^x, n = w (w + 2); NaN for NaN through the factor x. */
static inline float mish(float x) {
    float w = exponential(x), n = w * (w + 2.f);
    return x * n / (n + 2.f);
}

/* Whether x is NaN, told by its bits: -ffast-math takes x != x for false. */
static inline int is_nan(float x) {
    union { float f; int i; } bits = { x };
    return (bits.i & 0x7fffffff) > 0x7f800000;
}

/* out = A x or A^T x, (V, LANES); the rows of x are `stride` apart. */
static inline void aggregate(int direction, const float *x, int stride, const float *A, float *out) {
    if (direction) against(x, stride, A, out);
    else along(x, stride, A, out);
}
