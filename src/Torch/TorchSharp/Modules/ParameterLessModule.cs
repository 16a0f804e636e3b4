using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Marks modules without state.</summary>
public interface IParameterLessModule;

/// <summary>A module without parameters, buffers or submodules.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw NoState();
    public override void register_parameter(string name, Parameter? param) => throw NoState();
    public override void register_module(string name, nn.Module submodule) => throw NoState();

    private InvalidOperationException NoState() => new($"A module of type '{GetType().Name}' cannot have parameters, buffers or submodules.");
}
