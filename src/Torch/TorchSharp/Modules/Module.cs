using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A tree of named parameters, buffers and submodules, after torch.nn.Module.</summary>
        public partial class Module : IDisposable
        {
            private readonly string _name;
            private readonly OrderedNames<Parameter?> _parameters_ = new("Parameter");
            private readonly OrderedNames<(Tensor Tensor, bool Persistent)> _buffers_ = new("Tensor");
            private readonly OrderedNames<Module> _modules_ = new("Sub-module");

            protected Module(string name) => _name = name;

            ~Module() => Dispose(false);

            public bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, child) in _modules_)
                    child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _modules_)
                    child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null)
                        continue;
                    if (set_to_none)
                        parameter.grad = null;
                    else
                        grad.detach_().zero_();
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Frees every parameter, buffer and submodule that is registered here.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (var (_, parameter) in _parameters_)
                    parameter?.Dispose();
                foreach (var (_, (buffer, _)) in _buffers_)
                    buffer.Dispose();
                foreach (var (_, child) in _modules_)
                    child.Dispose();
            }
        }
    }
}
