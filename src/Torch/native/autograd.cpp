#include "shim.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

DSL_API int dsl_set_requires_grad(void* impl, int value) {
    return dsl::guarded([&] {
        dsl::borrow(impl).set_requires_grad(value != 0);
        return 0;
    });
}

DSL_API int dsl_get_grad(void* impl, void** grad) {
    return dsl::guarded([&] {
        *grad = dsl::release(dsl::borrow(impl).grad());
        return 0;
    });
}

// A grad that is set beforehand is accumulated into in place, so it may be a view of a larger buffer.
DSL_API int dsl_set_grad(void* impl, void* grad) {
    return dsl::guarded([&] {
        auto tensor = dsl::borrow(impl);
        auto value = dsl::borrow(grad);
        if (value.defined() && !value.sizes().equals(tensor.sizes())) throw std::runtime_error("the gradient's shape differs from the tensor's");
        tensor.mutable_grad() = value;
        return 0;
    });
}

DSL_API int dsl_retain_grad(void* impl) {
    return dsl::guarded([&] {
        dsl::borrow(impl).retain_grad();
        return 0;
    });
}

static std::vector<at::Tensor> grads_or_none(void* const* grads, int count) {
    return grads ? dsl::borrow_all(grads, count) : std::vector<at::Tensor>(count);
}

// A gradient that is a view of a larger buffer has the buffer's strides, which libtorch remarks upon once for each process. It is meant so here; other
// warnings pass.
static bool is_layout_remark(const std::string& text) { return text.find("gradient layout contract") != std::string::npos; }

#if TORCH_VERSION_MAJOR >= 2
namespace warnings = c10::WarningUtils;
struct LayoutRemarkFilter final : c10::WarningHandler {
    c10::WarningHandler* next = warnings::get_warning_handler();
    void process(const c10::Warning& warning) override {
        if (!is_layout_remark(warning.msg())) next->process(warning);
    }
};
#else
namespace warnings = c10::Warning;
struct LayoutRemarkFilter final : c10::WarningHandler {
    c10::WarningHandler* next = warnings::get_warning_handler();
    void process(const c10::SourceLocation& place, const std::string& text, const bool verbatim) override {
        if (!is_layout_remark(text)) next->process(place, text, verbatim);
    }
};
#endif

DSL_API int dsl_backward(void* const* roots, void* const* grads, int count, int retain_graph, int create_graph, void* const* inputs, int input_count) {
    return dsl::guarded([&] {
        LayoutRemarkFilter filter;
        warnings::WarningHandlerGuard guard(&filter);
        torch::autograd::backward(dsl::borrow_all(roots, count), grads_or_none(grads, count), retain_graph != 0, create_graph != 0,
                                  dsl::borrow_all(inputs, input_count));
        return 0;
    });
}

DSL_API int dsl_grad(void* const* outputs, void* const* grads, int count, void* const* inputs, int input_count, int retain_graph, int create_graph,
                     int allow_unused, void** results) {
    return dsl::guarded([&] {
        auto computed = torch::autograd::grad(dsl::borrow_all(outputs, count), dsl::borrow_all(inputs, input_count), grads_or_none(grads, count),
                                              retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (size_t k = 0; k < computed.size(); k++) results[k] = dsl::release(std::move(computed[k]));
        return 0;
    });
}

DSL_API int dsl_get_grad_mode() { return c10::GradMode::is_enabled(); }
DSL_API void dsl_set_grad_mode(int enabled) { c10::GradMode::set_enabled(enabled != 0); }
DSL_API int dsl_get_inference_mode() { return c10::InferenceMode::is_enabled(); }
DSL_API void* dsl_inference_mode_enter(int enabled) { return new c10::InferenceMode(enabled != 0); }
DSL_API void dsl_inference_mode_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
