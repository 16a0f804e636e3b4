// The C ABI between DataSsl.Torch and libtorch. Tensors cross it as owned TensorImpl pointers: whoever receives one frees it with
// dsl_tensor_free. Every function that can fail catches C++ exceptions and leaves the text for dsl_error().
#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#define DSL_API extern "C" __attribute__((visibility("default")))

namespace dsl {

// One argument or result of an operator. C# mirrors this layout in Native/Value.cs.
struct Value {
    enum Tag : int32_t { None, Tensor, Int, Double, Bool, IntList, TensorList, String, DoubleList, Device, Generator };
    int32_t tag;
    int32_t length;  // lists and strings: element count; devices: the device type
    union {
        int64_t i;
        double d;
        void* p;
    };
};

void remember(const std::exception& error);

// Runs `body`; -1 (with the error remembered) in place of an exception.
template <class Body>
int guarded(Body&& body) {
    try {
        return body();
    } catch (const std::exception& error) {
        remember(error);
        return -1;
    }
}

// A tensor that shares the caller's ownership for the time of one call.
inline at::Tensor borrow(void* impl) {
    if (!impl) return {};
    return at::Tensor(c10::intrusive_ptr<at::TensorImpl>::unsafe_reclaim_from_nonowning(static_cast<at::TensorImpl*>(impl)));
}

inline void* release(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

inline std::vector<at::Tensor> borrow_all(void* const* impls, int count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int k = 0; k < count; k++) tensors.push_back(borrow(impls[k]));
    return tensors;
}

// How often a tensor's memory was given out to be written past libtorch, which counts only the writes of its own operators.
uint32_t writes_to(const at::Tensor& tensor);

}  // namespace dsl
