// The library itself: errors, version, threads, devices, random generators.
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Generator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <mutex>
#include <torch/version.h>

static thread_local std::string last_error;
static thread_local std::string last_text;

void dsl::remember(const std::exception& error) {
    auto torch_error = dynamic_cast<const c10::Error*>(&error);
    last_error = torch_error ? torch_error->what_without_backtrace() : error.what();
}

DSL_API const char* dsl_error() { return last_error.c_str(); }
DSL_API const char* dsl_version() { return TORCH_VERSION; }

DSL_API const char* dsl_config() {
    last_text = at::show_config();
    return last_text.c_str();
}

DSL_API const char* dsl_library_path() {
    Dl_info info;
    bool known = dladdr(reinterpret_cast<void*>(&at::get_num_threads), &info) && info.dli_fname;
    last_text = known ? info.dli_fname : "";
    return last_text.c_str();
}

DSL_API int dsl_get_threads() { return at::get_num_threads(); }
DSL_API int dsl_set_threads(int count) {
    return dsl::guarded([&] {
        at::set_num_threads(count);
        // OpenBLAS, where libtorch computes with it, has threads of its own, one a core unless told.
        using Set = void (*)(int);
        static void* const blas = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD);
        static const auto set_blas_threads = blas ? reinterpret_cast<Set>(dlsym(blas, "openblas_set_num_threads")) : nullptr;
        if (set_blas_threads) set_blas_threads(count);
        return 0;
    });
}
DSL_API int dsl_get_interop_threads() { return at::get_num_interop_threads(); }
DSL_API int dsl_set_interop_threads(int count) {
    return dsl::guarded([&] {
        at::set_num_interop_threads(count);
        return 0;
    });
}

DSL_API int dsl_device_count(int type) {
    return dsl::guarded([&] {
        auto device = static_cast<c10::DeviceType>(type);
        return c10::impl::hasDeviceGuardImpl(device) ? static_cast<int>(c10::impl::VirtualGuardImpl(device).deviceCount()) : 0;
    });
}

// Through the device-generic guard, so that one build needs no CUDA headers.
DSL_API int dsl_device_synchronize(int type, int index) {
    return dsl::guarded([&] {
        auto device = c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
        c10::impl::VirtualGuardImpl guard(device.type());
        if (!device.has_index()) device = guard.getDevice();
        guard.synchronizeStream(guard.getStream(device));
        return 0;
    });
}

DSL_API int dsl_has_cudnn() { return at::globalContext().hasCuDNN(); }
DSL_API void dsl_allow_tf32(int cublas, int cudnn) {
    at::globalContext().setAllowTF32CuBLAS(cublas != 0);
    at::globalContext().setAllowTF32CuDNN(cudnn != 0);
}
DSL_API int dsl_get_allow_tf32(int cudnn) { return cudnn ? at::globalContext().allowTF32CuDNN() : at::globalContext().allowTF32CuBLAS(); }

// Seeds the default generator of every device.
DSL_API int dsl_manual_seed(uint64_t seed) {
    return dsl::guarded([&] {
        at::manual_seed(seed);
        return 0;
    });
}

static at::Generator& generator(void* handle) { return *static_cast<at::Generator*>(handle); }

DSL_API int dsl_generator_default(int type, int index, void** result) {
    return dsl::guarded([&] {
        *result = new at::Generator(at::globalContext().defaultGenerator(c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index))));
        return 0;
    });
}

// A clone of the device's default generator is the one way to a generator that needs no backend header.
DSL_API int dsl_generator_new(int type, int index, uint64_t seed, void** result) {
    return dsl::guarded([&] {
        auto fresh = at::globalContext().defaultGenerator(c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index))).clone();
        fresh.set_current_seed(seed);
        *result = new at::Generator(std::move(fresh));
        return 0;
    });
}

DSL_API void dsl_generator_free(void* handle) { delete static_cast<at::Generator*>(handle); }

DSL_API int dsl_generator_set_seed(void* handle, uint64_t seed) {
    return dsl::guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        generator(handle).set_current_seed(seed);
        return 0;
    });
}

DSL_API int dsl_generator_seed(void* handle, uint64_t* seed) {
    return dsl::guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        *seed = generator(handle).seed();
        return 0;
    });
}

DSL_API int dsl_generator_initial_seed(void* handle, uint64_t* seed) {
    return dsl::guarded([&] {
        *seed = generator(handle).current_seed();
        return 0;
    });
}

DSL_API int dsl_generator_get_state(void* handle, void** state) {
    return dsl::guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        *state = dsl::release(generator(handle).get_state());
        return 0;
    });
}

DSL_API int dsl_generator_set_state(void* handle, void* state) {
    return dsl::guarded([&] {
        std::lock_guard<std::mutex> lock(generator(handle).mutex());
        generator(handle).set_state(dsl::borrow(state));
        return 0;
    });
}
