// Process groups: libtorch's own c10d, one door for all back ends. CMakeLists.txt defines USE_C10D_GLOO and USE_C10D_NCCL where this libtorch and its headers have them.
#include "shim.h"

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/version.h>

#if defined(USE_C10D_GLOO) || defined(USE_C10D_NCCL)
#define DSL_HAS_GROUPS
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

// Whether this build can make groups of a back end.
DSL_API int dsl_group_available(const char* backend) {
#ifdef USE_C10D_GLOO
    if (!strcmp(backend, "gloo")) return 1;
#endif
#ifdef USE_C10D_NCCL
    if (!strcmp(backend, "nccl")) return 1;
#endif
    (void)backend;
    return 0;
}

#ifdef DSL_HAS_GROUPS
namespace {

// The operations' base class: ProcessGroup up to 1.13, Backend since.
#if TORCH_VERSION_MAJOR >= 2
using Base = c10d::Backend;
#else
using Base = c10d::ProcessGroup;
#endif

struct Group {
    c10::intrusive_ptr<Base> base;
    // A connection of its own: the back end may wait on the other one.
    c10::intrusive_ptr<c10d::Store> pulse;
};

#ifdef USE_C10D_GLOO
c10::intrusive_ptr<Base> gloo(const c10::intrusive_ptr<c10d::Store>& store, const std::string& host, int rank, int size, std::chrono::milliseconds timeout) {
    using c10d::ProcessGroupGloo;
    auto options = ProcessGroupGloo::Options::create();
    options->timeout = timeout;
    auto interface = getenv("GLOO_SOCKET_IFNAME");
    // On one machine the traffic stays inside it, whatever its name resolves to.
    auto local = host == "localhost" || host.rfind("127.", 0) == 0;
    options->devices.push_back(interface && *interface ? ProcessGroupGloo::createDeviceForInterface(interface)
                               : local                 ? ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                                       : ProcessGroupGloo::createDefaultDevice());
    return c10::make_intrusive<ProcessGroupGloo>(store, rank, size, options);
}
#endif

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<Base> nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, std::chrono::milliseconds timeout) {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = timeout;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
#endif

c10::intrusive_ptr<Base> make(const std::string& backend, const c10::intrusive_ptr<c10d::Store>& store, const std::string& host, int rank, int size,
                              std::chrono::milliseconds timeout) {
    (void)host;
#ifdef USE_C10D_GLOO
    if (backend == "gloo") return gloo(store, host, rank, size, timeout);
#endif
#ifdef USE_C10D_NCCL
    if (backend == "nccl") return nccl(store, rank, size, timeout);
#endif
    throw std::runtime_error("this libtorch has no back end " + backend);
}

Base& base_of(void* group) { return *static_cast<Group*>(group)->base; }

void sum(Base& base, at::Tensor tensor) {
    std::vector<at::Tensor> tensors{std::move(tensor)};
    base.allreduce(tensors)->wait();
}

// A failure inside a backward pass reaches C# as that pass's, so it says itself what failed.
void sum_named(int64_t group, at::Tensor tensor) {
    try {
        sum(base_of(reinterpret_cast<void*>(group)), std::move(tensor));
    } catch (const std::exception& error) {
        throw std::runtime_error(std::string("all_reduce: ") + error.what());
    }
}

// Each rank's sum is a function of every rank's terms, so a term's gradient is the sum of all ranks' gradients.
struct DifferentiableSum : torch::autograd::Function<DifferentiableSum> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& term, int64_t group) {
        context->saved_data["group"] = group;
        auto total = term.clone(at::MemoryFormat::Contiguous);
        sum_named(group, total);
        return total;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        auto total = gradients[0].clone(at::MemoryFormat::Contiguous);
        sum_named(context->saved_data["group"].toInt(), total);
        return {total, {}};
    }
};

}  // namespace

// Rank 0 listens on the port, unless an agent (torchrun) already does; the others connect. Waits for all to come.
DSL_API int dsl_group_new(const char* backend, const char* host, int port, int rank, int size, int listen, const char* prefix, int64_t timeout_ms, void** result) {
    return dsl::guarded([&] {
        auto timeout = std::chrono::milliseconds(timeout_ms);
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(port);
        options.isServer = listen != 0;
        options.timeout = timeout;
        options.waitWorkers = false;
        auto tcp = c10::make_intrusive<c10d::TCPStore>(host, options);
        auto store = c10::make_intrusive<c10d::PrefixStore>(prefix, tcp);
        options.isServer = false;
        auto pulse = c10::make_intrusive<c10d::PrefixStore>(std::string(prefix) + "/pulse", c10::make_intrusive<c10d::TCPStore>(host, options));
        *result = new Group{make(backend, store, host, rank, size, timeout), pulse};
        return 0;
    });
}

DSL_API void dsl_group_free(void* group) { delete static_cast<Group*>(group); }

DSL_API int dsl_group_all_reduce(void* group, void* tensor) {
    return dsl::guarded([&] {
        sum(base_of(group), dsl::borrow(tensor));
        return 0;
    });
}

DSL_API int dsl_group_sum(void* group, void* term, void** total) {
    return dsl::guarded([&] {
        *total = dsl::release(DifferentiableSum::apply(dsl::borrow(term), reinterpret_cast<int64_t>(group)));
        return 0;
    });
}

// `parts`: one tensor a rank, each of the input's shape and type.
DSL_API int dsl_group_all_gather(void* group, void* input, void* const* parts, int count) {
    return dsl::guarded([&] {
        std::vector<std::vector<at::Tensor>> outputs{dsl::borrow_all(parts, count)};
        std::vector<at::Tensor> inputs{dsl::borrow(input)};
        base_of(group).allgather(outputs, inputs)->wait();
        return 0;
    });
}

DSL_API int dsl_group_broadcast(void* group, void* tensor, int root) {
    return dsl::guarded([&] {
        std::vector<at::Tensor> tensors{dsl::borrow(tensor)};
        c10d::BroadcastOptions options;
        options.rootRank = root;
        base_of(group).broadcast(tensors, options)->wait();
        return 0;
    });
}
// Adds to this rank's count of a watch and reads those of all.
DSL_API int dsl_group_pulse(void* group, int watch, int rank, int size, int64_t add, int64_t* counts) {
    return dsl::guarded([&] {
        auto& store = *static_cast<Group*>(group)->pulse;
        for (int k = 0; k < size; k++) counts[k] = store.add(std::to_string(watch) + '/' + std::to_string(k), k == rank ? add : 0);
        return 0;
    });
}
#else
// The same functions where there is no back end at all; C# asks dsl_group_available first.
static int unavailable() {
    return dsl::guarded([]() -> int { throw std::runtime_error("the shim was built without process groups"); });
}
DSL_API int dsl_group_new(const char*, const char*, int, int, int, int, const char*, int64_t, void**) { return unavailable(); }
DSL_API void dsl_group_free(void*) {}
DSL_API int dsl_group_all_reduce(void*, void*) { return unavailable(); }
DSL_API int dsl_group_sum(void*, void*, void**) { return unavailable(); }
DSL_API int dsl_group_all_gather(void*, void*, void* const*, int) { return unavailable(); }
DSL_API int dsl_group_broadcast(void*, void*, int) { return unavailable(); }
DSL_API int dsl_group_pulse(void*, int, int, int, int64_t, int64_t*) { return unavailable(); }
#endif
