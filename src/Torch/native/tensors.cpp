// What the dispatcher does not offer: a tensor's metadata, its memory and its life.
#include "shim.h"

#include <ATen/ops/from_blob.h>
#include <array>
#include <atomic>

DSL_API void dsl_tensor_free(void* impl) { c10::intrusive_ptr<at::TensorImpl>::reclaim(static_cast<at::TensorImpl*>(impl)); }

// C# mirrors this layout in Native/TensorInfo.cs.
struct TensorInfo {
    int64_t dimensions, elements, element_size, storage_offset;
    int32_t dtype, device_type, device_index;
    uint8_t requires_grad, is_leaf, is_contiguous, has_names;
};

DSL_API int dsl_tensor_info(void* impl, TensorInfo* info) {
    return dsl::guarded([&] {
        auto tensor = dsl::borrow(impl);
        auto device = tensor.device();
        *info = {tensor.dim(), tensor.numel(), static_cast<int64_t>(tensor.element_size()), tensor.storage_offset(),
                 static_cast<int32_t>(tensor.scalar_type()), static_cast<int32_t>(device.type()), device.index(),
                 tensor.requires_grad(), tensor.is_leaf(), tensor.is_contiguous(), tensor.has_names()};
        return 0;
    });
}

DSL_API int dsl_tensor_shape(void* impl, int64_t* sizes, int64_t* strides) {
    return dsl::guarded([&] {
        auto tensor = dsl::borrow(impl);
        for (int64_t k = 0; k < tensor.dim(); k++) {
            if (sizes) sizes[k] = tensor.size(k);
            if (strides) strides[k] = tensor.stride(k);
        }
        return 0;
    });
}

// One counter for many memories: a write to another one is at most taken for one's own.
static std::array<std::atomic<uint32_t>, 4096> writes;

static std::atomic<uint32_t>& counter(const at::Tensor& tensor) { return writes[(reinterpret_cast<uintptr_t>(tensor.storage().data_ptr().get()) >> 6) % writes.size()]; }

uint32_t dsl::writes_to(const at::Tensor& tensor) { return counter(tensor).load(); }

DSL_API int dsl_tensor_data(void* impl, int to_write, void** data) {
    return dsl::guarded([&] {
        auto tensor = dsl::borrow(impl);
        *data = tensor.data_ptr();
        if (to_write) counter(tensor)++;
        return 0;
    });
}

// A tensor over the caller's memory; `deleter(context)` runs when the last user of that memory is gone.
DSL_API int dsl_tensor_from_memory(void* data, const int64_t* sizes, int dimensions, int dtype, void (*deleter)(void*), void* context, void** result) {
    return dsl::guarded([&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        auto tensor = at::from_blob(data, at::IntArrayRef(sizes, dimensions), [=](void*) { deleter(context); }, options);
        *result = dsl::release(std::move(tensor));
        return 0;
    });
}
