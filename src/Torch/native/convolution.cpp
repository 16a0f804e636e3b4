// Convolutions whose weights are frozen, on the CPU. oneDNN computes with weights in a layout of its own choice. libtorch lays them out anew at each call, which takes a quarter of the time of a
// ResNet50 on one image; here they are laid out once.
#include "shim.h"

#ifdef DSL_ONEDNN
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/GradMode.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace {

using dnnl::memory;

// Sizes by which a plan is found again: of the images, strides, paddings, dilations, groups, threads, and whether there is a bias.
using Key = std::vector<int64_t>;

struct Plan {
    Key key;
    dnnl::convolution_forward::primitive_desc description;
    dnnl::convolution_forward convolution;
    memory weights;  // in the layout of `description`
};

// What weights held when they were laid out. The weak references keep their addresses from being given to others.
struct Content {
    c10::weak_intrusive_ptr<at::TensorImpl> tensor;
    const void* data;
    uint32_t version, writes;

    explicit Content(const at::Tensor& weight)
        : tensor(weight.getIntrusivePtr()), data(weight.data_ptr()), version(weight._version()), writes(dsl::writes_to(weight)) {}

    bool operator==(const Content& other) const {
        return tensor._unsafe_get_target() == other.tensor._unsafe_get_target() && data == other.data && version == other.version && writes == other.writes;
    }
};

// Of one convolution: its plans, the latest last. Images of a folder may have several sizes; more than a few are not worth their memory.
struct Frozen {
    static constexpr size_t most = 4;
    std::mutex mutex;
    std::unique_ptr<Content> content;
    std::vector<std::shared_ptr<Plan>> plans;
};

dnnl::engine& engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

memory::data_type type_of(const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat ? memory::data_type::f32 : memory::data_type::bf16; }

// Without processors' own instructions bfloat16 is slower than what libtorch does.
bool has_type(const at::Tensor& x) {
    static const bool has_bf16 = dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_bf16;
    return x.scalar_type() == at::kFloat || (x.scalar_type() == at::kBFloat16 && has_bf16);
}

bool takes(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const auto frozen = [&](const at::Tensor& tensor) { return tensor.is_cpu() && tensor.scalar_type() == x.scalar_type() && !tensor.requires_grad() && !tensor.is_inference(); };
    return x.dim() == 4 && weight.dim() == 4 && x.numel() > 0 && x.is_cpu() && has_type(x) && x.is_contiguous(at::MemoryFormat::ChannelsLast) && frozen(weight)
        && (!bias.defined() || (frozen(bias) && bias.is_contiguous())) && !(c10::GradMode::is_enabled() && x.requires_grad())
        // Memory of somebody else's may be written by him.
        && weight.storage().data_ptr().get_deleter() == c10::GetCPUAllocator()->raw_deleter();
}

// The weights as they lie, [C', C, kH, kW] or [groups, C' of a group, C of a group, kH, kW].
memory::desc plain(const at::Tensor& weight, int64_t groups) {
    auto sizes = weight.sizes().vec(), strides = weight.strides().vec();
    if (groups > 1) {
        sizes[0] /= groups;
        sizes.insert(sizes.begin(), groups);
        strides.insert(strides.begin(), strides[0] * sizes[1]);
    }
    return {sizes, type_of(weight), strides};
}

std::shared_ptr<Plan> planned(Key key, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const memory::dims& result, const int64_t* window,
                              const std::vector<std::shared_ptr<Plan>>& others) {
    const auto type = type_of(x);
    const auto laid = plain(weight, window[6]);
    const memory::dims stride{window[0], window[1]}, padding{window[2], window[3]}, dilation{window[4] - 1, window[5] - 1};
    const memory::desc source(x.sizes().vec(), type, memory::format_tag::nhwc), target(result, type, memory::format_tag::nhwc), any(laid.dims(), type, memory::format_tag::any);
    const auto kind = dnnl::prop_kind::forward_inference;
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const auto description = bias.defined()
        ? dnnl::convolution_forward::desc(kind, algorithm, source, any, memory::desc({bias.numel()}, type, memory::format_tag::a), target, stride, dilation, padding, padding)
        : dnnl::convolution_forward::desc(kind, algorithm, source, any, target, stride, dilation, padding, padding);
    // oneDNN's own scratchpad belongs to the thread that makes a primitive, and would be shared by all that run it.
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    auto chosen = dnnl::convolution_forward::primitive_desc(description, attributes, engine());

    memory weights;
    for (const auto& other : others)
        if (other->weights.get_desc() == chosen.weights_desc()) weights = other->weights;
    if (!weights) {
        weights = memory(chosen.weights_desc(), engine());
        memory from(laid, engine(), weight.data_ptr());
        dnnl::stream stream(engine());
        dnnl::reorder(from, weights).execute(stream, from, weights);
        stream.wait();
    }
    return std::make_shared<Plan>(Plan{std::move(key), chosen, dnnl::convolution_forward(chosen), weights});
}

}  // namespace

DSL_API void* dsl_frozen_new() { return new Frozen; }
DSL_API void dsl_frozen_free(void* frozen) { delete static_cast<Frozen*>(frozen); }

// window: two strides, two paddings, two dilations, groups. Returns 1, or 0 where it is libtorch's to compute.
DSL_API int dsl_frozen_convolution(void* frozen, void* input, void* weights, void* biases, const int64_t* window, void** result) {
    return dsl::guarded([&] {
        const auto x = dsl::borrow(input), weight = dsl::borrow(weights), bias = dsl::borrow(biases);
        if (!takes(x, weight, bias) || x.size(1) != weight.size(1) * window[6]) return 0;
        memory::dims sizes{x.size(0), weight.size(0), 0, 0};
        for (int k = 0; k < 2; k++) {
            const auto covered = window[4 + k] * (weight.size(2 + k) - 1) + 1, padded = x.size(2 + k) + 2 * window[2 + k];
            if (padded < covered) return 0;
            sizes[2 + k] = (padded - covered) / window[k] + 1;
        }

        Key key(x.sizes().begin(), x.sizes().end());
        key.insert(key.end(), window, window + 7);
        key.insert(key.end(), {at::get_num_threads(), bias.defined()});

        auto& own = *static_cast<Frozen*>(frozen);
        std::shared_ptr<Plan> plan;
        {
            std::lock_guard<std::mutex> lock(own.mutex);
            Content content(weight);
            if (!own.content || !(*own.content == content)) {
                own.plans.clear();
                own.content = std::make_unique<Content>(std::move(content));
            }
            for (const auto& known : own.plans)
                if (known->key == key) plan = known;
            if (!plan) {
                try {
                    plan = planned(std::move(key), x, weight, bias, sizes, window, own.plans);
                } catch (const dnnl::error& error) {
                    if (error.status != dnnl_unimplemented) throw;
                    return 0;
                }
                if (own.plans.size() == Frozen::most) own.plans.erase(own.plans.begin());
                own.plans.push_back(plan);
            }
        }

        auto y = at::empty(sizes, x.options().requires_grad(false), at::MemoryFormat::ChannelsLast);
        const auto scratchpad = plan->description.scratchpad_desc();
        auto scratch = at::empty({static_cast<int64_t>(scratchpad.get_size())}, x.options().dtype(at::kByte).requires_grad(false));
        dnnl::stream stream(engine());
        std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory(plan->description.src_desc(), engine(), x.data_ptr())},
                                                  {DNNL_ARG_WEIGHTS, plan->weights},
                                                  {DNNL_ARG_SCRATCHPAD, memory(scratchpad, engine(), scratch.data_ptr())},
                                                  {DNNL_ARG_DST, memory(plan->description.dst_desc(), engine(), y.data_ptr())}};
        if (bias.defined()) arguments.emplace(DNNL_ARG_BIAS, memory(plan->description.bias_desc(), engine(), bias.data_ptr()));
        plan->convolution.execute(stream, arguments);
        stream.wait();
        *result = dsl::release(std::move(y));
        return 1;
    });
}

#else

DSL_API void* dsl_frozen_new() { return nullptr; }
DSL_API void dsl_frozen_free(void*) {}
DSL_API int dsl_frozen_convolution(void*, void*, void*, void*, const int64_t*, void**) { return 0; }

#endif
