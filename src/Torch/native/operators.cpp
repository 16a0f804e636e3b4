// Every ATen operator through one door: look it up by schema name once, then call it boxed.
#include "shim.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <type_traits>
#include <utility>

using dsl::Value;

namespace {

// libtorch's optional is its own up to 2.1 and the standard library's since; these names fit either.
using OptionalTensor = decltype(std::declval<c10::IValue>().toOptional<at::Tensor>());
using OptionalDefault = std::decay_t<decltype(std::declval<c10::Argument>().default_value())>;

struct Operator {
    c10::OperatorHandle handle;
    std::vector<c10::TypePtr> types;  // with Optional peeled off: None is handled before the type matters
    std::vector<OptionalDefault> defaults;
};

c10::TypePtr peeled(const c10::TypePtr& type) {
    auto optional = type->cast<c10::OptionalType>();
    return optional ? optional->getElementType() : type;
}

c10::IValue tensor_list(const Value& value, const c10::TypePtr& type) {
    auto impls = static_cast<void* const*>(value.p);
    auto list = type->cast<c10::ListType>();
    if (list && list->getElementType()->kind() == c10::TypeKind::OptionalType) {
        c10::List<OptionalTensor> tensors;
        tensors.reserve(value.length);
        for (int k = 0; k < value.length; k++) {
            tensors.push_back(impls[k] ? OptionalTensor(dsl::borrow(impls[k])) : OptionalTensor());
        }
        return tensors;
    }
    c10::List<at::Tensor> tensors;
    tensors.reserve(value.length);
    for (int k = 0; k < value.length; k++) tensors.push_back(dsl::borrow(impls[k]));
    return tensors;
}

c10::IValue unboxed(const Value& value, const c10::TypePtr& type) {
    switch (value.tag) {
        case Value::Tensor: return dsl::borrow(value.p);
        case Value::Int:
            if (type->kind() == c10::TypeKind::FloatType) return static_cast<double>(value.i);
            return value.i;
        case Value::Double: return value.d;
        case Value::Bool: return value.i != 0;
        case Value::IntList: return c10::List<int64_t>(c10::ArrayRef<int64_t>(static_cast<int64_t*>(value.p), value.length));
        case Value::DoubleList: return c10::List<double>(c10::ArrayRef<double>(static_cast<double*>(value.p), value.length));
        case Value::TensorList: return tensor_list(value, type);
        case Value::String: return std::string(static_cast<char*>(value.p), value.length);
        case Value::Device: return c10::Device(static_cast<c10::DeviceType>(value.length), static_cast<c10::DeviceIndex>(value.i));
        case Value::Generator: return *static_cast<at::Generator*>(value.p);
        default: return {};
    }
}

Value boxed(c10::IValue&& result) {
    Value value{Value::None, 0, {0}};
    if (result.isTensor()) {
        value.tag = Value::Tensor;
        value.p = dsl::release(std::move(result).toTensor());
    } else if (result.isTensorList()) {
        auto tensors = result.toTensorVector();
        auto impls = new void*[tensors.size()];
        for (size_t k = 0; k < tensors.size(); k++) impls[k] = dsl::release(std::move(tensors[k]));
        value.tag = Value::TensorList;
        value.length = static_cast<int32_t>(tensors.size());
        value.p = impls;
    } else if (result.isInt()) {
        value.tag = Value::Int;
        value.i = result.toInt();
    } else if (result.isDouble()) {
        value.tag = Value::Double;
        value.d = result.toDouble();
    } else if (result.isBool()) {
        value.tag = Value::Bool;
        value.i = result.toBool();
    }
    return value;
}

}  // namespace

DSL_API void* dsl_operator_find(const char* name, const char* overload) {
    Operator* found = nullptr;
    dsl::guarded([&] {
        auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        found = new Operator{handle, {}, {}};
        for (const auto& argument : handle.schema().arguments()) {
            found->types.push_back(peeled(argument.type()));
            found->defaults.push_back(argument.default_value());
        }
        return 0;
    });
    return found;
}

// Arguments left out take the schema's defaults. Returns the number of results written, or -1.
DSL_API int dsl_operator_call(void* op, const Value* arguments, int count, Value* results, int capacity) {
    return dsl::guarded([&] {
        auto& called = *static_cast<Operator*>(op);
        const int expected = static_cast<int>(called.types.size());
        if (count > expected) throw std::runtime_error("takes " + std::to_string(expected) + " arguments, " + std::to_string(count) + " given");
        torch::jit::Stack stack;
        stack.reserve(expected);
        for (int k = 0; k < count; k++) stack.push_back(unboxed(arguments[k], called.types[k]));
        for (int k = count; k < expected; k++) {
            if (!called.defaults[k]) throw std::runtime_error("argument '" + called.handle.schema().arguments()[k].name() + "' is missing");
            stack.push_back(*called.defaults[k]);
        }
        called.handle.callBoxed(stack);
        int written = 0;
        for (auto& result : stack) {
            if (written == capacity) break;
            results[written++] = boxed(std::move(result));
        }
        return written;
    });
}

DSL_API void dsl_tensor_list_free(void* impls) { delete[] static_cast<void**>(impls); }
