using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            private bool _registered;

            // Registered tensors belong to the module, not to the scope that happened to be open when it was built.
            public virtual void register_parameter(string name, Parameter? param)
            {
                _parameters_.Add(name, param);
                param?.DetachFromDisposeScope();
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                ArgumentNullException.ThrowIfNull(tensor);
                _buffers_.Add(name, (tensor, persistent));
                tensor.DetachFromDisposeScope();
            }

            public virtual void register_module(string name, Module submodule)
            {
                ArgumentNullException.ThrowIfNull(submodule);
                submodule.RegisterComponents();
                _modules_.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                value?.DetachFromDisposeScope();
                _parameters_.Set(name, value);
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                    _buffers_.Remove(name);
                else
                    _buffers_.Set(name, (value.DetachFromDisposeScope(), persistent));
            }

            protected void ClearModules() => _modules_.Clear();

            /// <summary>Registers every field that holds a module, a parameter or a tensor, under the field's name. Call it last in the constructor.</summary>
            protected virtual void RegisterComponents()
            {
                if (_registered)
                    return;
                _registered = true;
                foreach (var field in GetType().GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                {
                    var name = field.ComponentName();
                    switch (field.GetValue(this))
                    {
                        case Module module when !_modules_.Contains(name):
                            register_module(name, module);
                            break;
                        case Parameter parameter when !_parameters_.Contains(name):
                            register_parameter(name, parameter);
                            break;
                        case Tensor tensor when tensor is not Modules.Parameter && !_buffers_.Contains(name):
                            register_buffer(name, tensor);
                            break;
                    }
                }
            }
        }
    }
}

public static class FieldInfoExtensionMethods
{
    public static string ComponentName(this FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}
