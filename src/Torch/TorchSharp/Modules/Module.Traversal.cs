using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                // A parameter that two modules share counts once, under the name met first.
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (prefix, module) in Subtree(recurse))
                {
                    foreach (var (name, parameter) in module._parameters_)
                    {
                        if (parameter is not null && seen.Add(parameter))
                            yield return (prefix + name, parameter);
                    }
                }
            }

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (prefix, module) in Subtree(recurse))
                {
                    foreach (var (name, (tensor, persistent)) in module._buffers_)
                    {
                        if ((persistent || include_nonpersistent) && seen.Add(tensor))
                            yield return (prefix + name, tensor);
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach (var (name, child) in _modules_)
                    yield return (name, child);
            }

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var (name, child) in named_children())
                {
                    yield return (name, child);
                    foreach (var (inner, module) in child.named_modules())
                        yield return ($"{name}.{inner}", module);
                }
            }

            public virtual IEnumerable<Module> children() => named_children().Select(child => child.module);
            public virtual IEnumerable<Module> modules() => named_modules().Select(module => module.module);
            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(entry => entry.parameter);
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(entry => entry.buffer);

            public virtual bool has_parameter(string target) => named_parameters().Any(entry => entry.name == target);
            public virtual bool has_buffer(string target) => named_buffers().Any(entry => entry.name == target);
            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(entry => entry.name == target).parameter;
            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(entry => entry.name == target).buffer;

            /// <summary>This module and, when asked, all below it, each with the prefix of its names.</summary>
            private IEnumerable<(string Prefix, Module Module)> Subtree(bool recurse)
            {
                yield return ("", this);
                if (!recurse)
                    yield break;
                foreach (var (name, module) in named_modules())
                    yield return (name + ".", module);
            }
        }
    }
}
