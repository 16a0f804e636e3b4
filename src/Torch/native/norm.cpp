// BatchNorm by the statistics of the batch, what is added to it and the activation, forward and back, in two passes over the map each where libtorch takes two for the norm and two for each of the
// others, through wider vectors. For channels-last maps on the CPU.
#pragma GCC optimize("O3")
#include "shim.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace {

// libtorch's optional is its own up to 2.1 and the standard library's since; this name fits either.
using OptionalTensor = decltype(std::declval<c10::IValue>().toOptional<at::Tensor>());

// C# mirrors it in BatchNorm.cs.
enum Activation : int64_t { None, Relu, Relu6 };

struct BFloat16 {
    uint16_t bits;
};

#define ALWAYS __attribute__((always_inline)) inline

ALWAYS float wide(float value) { return value; }
ALWAYS float wide(BFloat16 value) {
    const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
    float result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}
ALWAYS void narrow(float value, float& target) { target = value; }
ALWAYS void narrow(float value, BFloat16& target) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t even = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    target.bits = static_cast<uint16_t>(value != value ? 0x7fc0 : even);
}

// The gradient passes where the activation did.
ALWAYS float passed(float gradient, float result, int64_t activation) {
    if (activation == None) return gradient;
    if (activation == Relu6 && result >= 6) return 0;
    return result <= 0 ? 0 : gradient;
}

// A stretch of a map as rows of `length` values, a multiple of the channels: the values of one place in a row are all of one channel. The last row may be shorter.
struct Rows {
    int64_t first, end, length;
};

// Sums are kept in 32 bits for this many rows, and then added to those in 64.
constexpr int64_t kRowsAtOnce = 64;

// sums[l] and squares[l]: of value - shift, over the rows.
template <class T>
ALWAYS void moments(const T* x, const float* shift, Rows rows, float* partial, double* sums, double* squares) {
    float *s = partial, *q = partial + rows.length;
    for (int64_t start = rows.first; start < rows.end; start += kRowsAtOnce * rows.length) {
        std::memset(partial, 0, 2 * rows.length * sizeof(float));
        const int64_t stop = std::min(rows.end, start + kRowsAtOnce * rows.length);
        for (int64_t row = start; row < stop; row += rows.length) {
            const int64_t count = std::min(rows.length, stop - row);
            const T* values = x + row;
            for (int64_t l = 0; l < count; l++) {
                const float value = wide(values[l]) - shift[l];
                s[l] += value;
                q[l] += value * value;
            }
        }
        for (int64_t l = 0; l < rows.length; l++) sums[l] += s[l], squares[l] += q[l];
    }
}

// y = activation(x * factor + offset + added); `added` may be null.
template <class T>
ALWAYS void apply(const T* x, const T* added, const float* factor, const float* offset, int64_t activation, Rows rows, T* y) {
    for (int64_t row = rows.first; row < rows.end; row += rows.length) {
        const int64_t count = std::min(rows.length, rows.end - row);
        for (int64_t l = 0; l < count; l++) {
            float value = wide(x[row + l]) * factor[l] + offset[l];
            if (added) value += wide(added[row + l]);
            if (activation != None) value = value < 0 ? 0 : value;
            if (activation == Relu6) value = value > 6 ? 6 : value;
            narrow(value, y[row + l]);
        }
    }
}

// sums[l]: of the gradient behind the activation; products[l]: of it times (x - mean). That gradient is stored where `through` is not null.
template <class T>
ALWAYS void moments_back(const T* x, const T* y, const T* gradient, const float* mean, int64_t activation, Rows rows, float* partial, double* sums, double* products, T* through) {
    float *s = partial, *p = partial + rows.length;
    for (int64_t start = rows.first; start < rows.end; start += kRowsAtOnce * rows.length) {
        std::memset(partial, 0, 2 * rows.length * sizeof(float));
        const int64_t stop = std::min(rows.end, start + kRowsAtOnce * rows.length);
        for (int64_t row = start; row < stop; row += rows.length) {
            const int64_t count = std::min(rows.length, stop - row);
            for (int64_t l = 0; l < count; l++) {
                const float value = passed(wide(gradient[row + l]), activation == None ? 0 : wide(y[row + l]), activation);
                s[l] += value;
                p[l] += value * (wide(x[row + l]) - mean[l]);
                if (through) narrow(value, through[row + l]);
            }
        }
        for (int64_t l = 0; l < rows.length; l++) sums[l] += s[l], products[l] += p[l];
    }
}

// The gradient by x: gradient * factor + x * slope + offset.
template <class T>
ALWAYS void apply_back(const T* x, const T* y, const T* gradient, const float* factor, const float* slope, const float* offset, int64_t activation, Rows rows, T* result) {
    for (int64_t row = rows.first; row < rows.end; row += rows.length) {
        const int64_t count = std::min(rows.length, rows.end - row);
        for (int64_t l = 0; l < count; l++) {
            const float value = passed(wide(gradient[row + l]), activation == None ? 0 : wide(y[row + l]), activation);
            narrow(value * factor[l] + wide(x[row + l]) * slope[l] + offset[l], result[row + l]);
        }
    }
}

// One body for each width of vectors and each activation that matters to the compiler.
#define EACH_ACTIVATION(call)                                        \
    if (activation == None) { constexpr int64_t kind = None; call; } \
    else if (activation == Relu) { constexpr int64_t kind = Relu; call; } \
    else { constexpr int64_t kind = Relu6; call; }

#define BODIES(attributes, suffix)                                                                                                                                       \
    template <class T> attributes void moments##suffix(const T* x, const float* shift, Rows rows, float* partial, double* sums, double* squares) {                       \
        moments(x, shift, rows, partial, sums, squares);                                                                                                                 \
    }                                                                                                                                                                    \
    template <class T> attributes void apply##suffix(const T* x, const T* added, const float* factor, const float* offset, int64_t activation, Rows rows, T* y) {        \
        if (added) { EACH_ACTIVATION(apply<T>(x, added, factor, offset, kind, rows, y)) }                                                                                \
        else { EACH_ACTIVATION(apply<T>(x, static_cast<const T*>(nullptr), factor, offset, kind, rows, y)) }                                                             \
    }                                                                                                                                                                    \
    template <class T> attributes void moments_back##suffix(const T* x, const T* y, const T* gradient, const float* mean, int64_t activation, Rows rows, float* partial, \
                                                            double* sums, double* products, T* through) {                                                                \
        if (through) { EACH_ACTIVATION(moments_back<T>(x, y, gradient, mean, kind, rows, partial, sums, products, through)) }                                            \
        else { EACH_ACTIVATION(moments_back<T>(x, y, gradient, mean, kind, rows, partial, sums, products, static_cast<T*>(nullptr))) }                                   \
    }                                                                                                                                                                    \
    template <class T> attributes void apply_back##suffix(const T* x, const T* y, const T* gradient, const float* factor, const float* slope, const float* offset,       \
                                                          int64_t activation, Rows rows, T* result) {                                                                    \
        EACH_ACTIVATION(apply_back<T>(x, y, gradient, factor, slope, offset, kind, rows, result))                                                                        \
    }

BODIES(, _any)
#if defined(__x86_64__)
BODIES(__attribute__((target("avx2,fma"))), _256)
BODIES(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,prefer-vector-width=512"))), _512)

const int kBits = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) return 512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 256 : 0;
}();
#define WIDEST(name, ...) (kBits == 512 ? name##_512(__VA_ARGS__) : kBits == 256 ? name##_256(__VA_ARGS__) : name##_any(__VA_ARGS__))
#else
#define WIDEST(name, ...) name##_any(__VA_ARGS__)
#endif

// How a map is cut into rows and the rows into blocks, one a thread.
struct Cut {
    int64_t values, channels, length, blocks;

    Cut(const at::Tensor& map) : values(map.numel()), channels(map.size(1)) {
        // Rows of few channels hold several pixels.
        length = channels * std::max<int64_t>(1, 256 / channels);
        constexpr int64_t kFewest = 1 << 14;
        blocks = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), values / std::max(kFewest, length)));
    }

    template <class Body>
    void run(Body&& body) const {
        const int64_t rows = (values + length - 1) / length;
        at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t end) {
            for (int64_t block = first; block < end; block++) body(block, Rows{rows * block / blocks * length, std::min(values, rows * (block + 1) / blocks * length), length});
        });
    }

    // One value a channel, for every place in a row.
    template <class Value>
    std::vector<float> row(Value&& value) const {
        std::vector<float> row(length);
        for (int64_t c = 0; c < channels; c++) row[c] = value(c);
        for (int64_t l = channels; l < length; l++) row[l] = row[l - channels];
        return row;
    }

    // What the blocks found at each place, as one sum a channel, always joined in the same order.
    std::vector<double> joined(const std::vector<double>& found, int64_t offset, int64_t stride) const {
        std::vector<double> sums(channels, 0.0);
        for (int64_t block = 0; block < blocks; block++)
            for (int64_t l = 0; l < length; l++) sums[l % channels] += found[block * stride + offset + l];
        return sums;
    }
};

template <class T>
const T* data(const at::Tensor& tensor) { return tensor.defined() ? static_cast<const T*>(tensor.data_ptr()) : nullptr; }

template <class T>
at::Tensor forward_into(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& added, double epsilon, int64_t activation, at::Tensor& y) {
    const Cut cut(x);
    const T* source = data<T>(x);
    // Sums of squares cancel where the mean is far from zero, so they are taken from a value near it: the first pixel's.
    const auto centre = cut.row([&](int64_t c) { return wide(source[c]); });
    std::vector<double> found(cut.blocks * 2 * cut.length, 0.0);
    cut.run([&](int64_t block, Rows rows) {
        std::vector<float> partial(2 * cut.length);
        double* sums = found.data() + block * 2 * cut.length;
        WIDEST(moments, source, centre.data(), rows, partial.data(), sums, sums + cut.length);
    });
    const auto sums = cut.joined(found, 0, 2 * cut.length), squares = cut.joined(found, cut.length, 2 * cut.length);
    auto statistics = at::empty({2, cut.channels}, scale.options());
    float *mean = statistics.data_ptr<float>(), *deviation = mean + cut.channels;  // the latter inverted
    const double count = static_cast<double>(cut.values / cut.channels);
    for (int64_t c = 0; c < cut.channels; c++) {
        const double from = sums[c] / count;
        mean[c] = static_cast<float>(centre[c] + from);
        deviation[c] = static_cast<float>(1 / std::sqrt(std::max(0.0, squares[c] / count - from * from) + epsilon));
    }
    const float *w = scale.data_ptr<float>(), *b = shift.data_ptr<float>();
    const auto factor = cut.row([&](int64_t c) { return w[c] * deviation[c]; });
    const auto offset = cut.row([&](int64_t c) { return b[c] - mean[c] * w[c] * deviation[c]; });
    auto target = static_cast<T*>(y.data_ptr());
    cut.run([&](int64_t, Rows rows) { WIDEST(apply, source, data<T>(added), factor.data(), offset.data(), activation, rows, target); });
    return statistics;
}

// Gives the statistics [2, C]. y may be x.
at::Tensor forward_into(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& added, double epsilon, int64_t activation, at::Tensor& y) {
    return x.scalar_type() == at::kBFloat16 ? forward_into<BFloat16>(x, scale, shift, added, epsilon, activation, y) : forward_into<float>(x, scale, shift, added, epsilon, activation, y);
}

struct Gradients {
    at::Tensor x, scale, shift, added;
};

template <class T>
Gradients backward_of(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& y, const at::Tensor& scale, const at::Tensor& statistics, int64_t activation, bool adds) {
    const Cut cut(x);
    const float *w = scale.data_ptr<float>(), *means = statistics.data_ptr<float>(), *deviation = means + cut.channels;
    Gradients result{at::empty_like(x), at::empty_like(scale), at::empty_like(scale), {}};
    // What was added gets the gradient behind the activation, and the second pass reads it there.
    if (adds) result.added = activation == None ? gradient : at::empty_like(x);
    const T *source = data<T>(x), *output = data<T>(y), *incoming = data<T>(gradient);
    T* through = adds && activation != None ? static_cast<T*>(result.added.data_ptr()) : nullptr;
    const auto mean = cut.row([&](int64_t c) { return means[c]; });
    std::vector<double> found(cut.blocks * 2 * cut.length, 0.0);
    cut.run([&](int64_t block, Rows rows) {
        std::vector<float> partial(2 * cut.length);
        double* sums = found.data() + block * 2 * cut.length;
        WIDEST(moments_back, source, output, incoming, mean.data(), activation, rows, partial.data(), sums, sums + cut.length, through);
    });
    const auto sums = cut.joined(found, 0, 2 * cut.length), products = cut.joined(found, cut.length, 2 * cut.length);
    const double count = static_cast<double>(cut.values / cut.channels);
    float *by_scale = result.scale.data_ptr<float>(), *by_shift = result.shift.data_ptr<float>();
    for (int64_t c = 0; c < cut.channels; c++) by_scale[c] = static_cast<float>(products[c] * deviation[c]), by_shift[c] = static_cast<float>(sums[c]);
    const auto factor = cut.row([&](int64_t c) { return w[c] * deviation[c]; });
    const auto slope = cut.row([&](int64_t c) { return static_cast<float>(-w[c] * deviation[c] * deviation[c] * deviation[c] * (products[c] / count)); });
    const auto offset = cut.row([&](int64_t c) { return static_cast<float>(-w[c] * deviation[c] * (sums[c] / count)) - slope[c] * means[c]; });
    auto target = static_cast<T*>(result.x.data_ptr());
    const T* gradients = through ? through : incoming;
    const int64_t left = through ? static_cast<int64_t>(None) : activation;
    cut.run([&](int64_t, Rows rows) { WIDEST(apply_back, source, output, gradients, factor.data(), slope.data(), offset.data(), left, rows, target); });
    return result;
}

struct BatchNorm : torch::autograd::Function<BatchNorm> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const OptionalTensor& other, double epsilon,
                              int64_t activation) {
        const auto added = other.has_value() ? *other : at::Tensor();
        auto y = at::empty_like(x);
        const auto statistics = forward_into(x, scale, shift, added, epsilon, activation, y);
        context->save_for_backward({x, activation == None ? at::Tensor() : y, scale, statistics});
        context->saved_data["activation"] = activation;
        context->saved_data["adds"] = added.defined();
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto& x = saved[0];
        const auto gradient = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        const auto activation = context->saved_data["activation"].toInt();
        const auto adds = context->saved_data["adds"].toBool();
        auto result = x.scalar_type() == at::kBFloat16 ? backward_of<BFloat16>(gradient, x, saved[1], saved[2], saved[3], activation, adds)
                                                       : backward_of<float>(gradient, x, saved[1], saved[2], saved[3], activation, adds);
        return {result.x, result.scale, result.shift, result.added, {}, {}};
    }
};

// What is added, laid as the map; undefined where there is nothing to add.
at::Tensor checked(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const OptionalTensor& added) {
    const auto is_map = [&](const at::Tensor& map) { return map.dim() == 4 && map.is_cpu() && map.scalar_type() == x.scalar_type() && map.is_contiguous(at::MemoryFormat::ChannelsLast); };
    const auto is_row = [&](const at::Tensor& row) { return row.is_cpu() && row.scalar_type() == at::kFloat && row.is_contiguous() && row.numel() == x.size(1); };
    TORCH_CHECK(is_map(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16), "batch_norm: a channels-last map [N, C, H, W] in float32 or bfloat16 on the CPU is wanted");
    TORCH_CHECK(x.numel() > x.size(1), "batch_norm: more than one value per channel is wanted");
    TORCH_CHECK(is_row(scale) && is_row(shift), "batch_norm: scale and shift [C] in float32 are wanted");
    if (!added.has_value() || !added->defined()) return {};
    auto other = added->contiguous(at::MemoryFormat::ChannelsLast);
    TORCH_CHECK(is_map(other) && other.sizes().equals(x.sizes()), "batch_norm: what is added must have the map's shape and type");
    return other;
}

at::Tensor batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const OptionalTensor& added, double epsilon, int64_t activation) {
    const auto other = checked(x, scale, shift, added);
    return BatchNorm::apply(x, scale, shift, other.defined() ? OptionalTensor(other) : OptionalTensor(), epsilon, activation);
}

// The same into x itself, which is not differentiable.
at::Tensor& batch_norm_(at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const OptionalTensor& added, double epsilon, int64_t activation) {
    TORCH_CHECK(!c10::GradMode::is_enabled(), "batch_norm_: has no gradient");
    forward_into(x, scale, shift, checked(x, scale, shift, added), epsilon, activation, x);
    return x;
}

}  // namespace

TORCH_LIBRARY(datassl, library) {
    library.def("batch_norm(Tensor x, Tensor scale, Tensor shift, Tensor? added, float epsilon, int activation) -> Tensor", batch_norm);
    library.def("batch_norm_(Tensor(a!) x, Tensor scale, Tensor shift, Tensor? added, float epsilon, int activation) -> Tensor(a!)", batch_norm_);
}
