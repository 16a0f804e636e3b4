using System.Reflection;
using System.Runtime.CompilerServices;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>An emitted class, compiled and made, as its user sees it.</summary>
internal sealed class EmittedModule(string source, string typeName) : IDisposable
{
    private readonly Type type = InMemoryCompiler.Compile("EmittedModule", source).GetType(typeName, throwOnError: true)!;
    private nn.Module<Tensor, Tensor>? module;

    public nn.Module<Tensor, Tensor> Module => module ??= (nn.Module<Tensor, Tensor>)Activator.CreateInstance(type, [null, null])!;

    /// <summary>Loads weights; what the emitted loader throws comes out as it is.</summary>
    public void Load(string path) => Call("load_safetensors", path);

    public bool IsChecked => (bool)type.GetProperty("is_checked")!.GetValue(Module)!;

    /// <summary>C2 and deeper, and the embedding last, in evaluation mode.</summary>
    public List<Tensor> Outputs(Tensor images)
    {
        using var grad = no_grad();
        Module.eval();
        var features = (ITuple)Call("features", images);
        return [.. Enumerable.Range(0, features.Length).Select(i => (Tensor)features[i]!), Module.call(images)];
    }

    public void Dispose() => module?.Dispose();

    private object Call(string method, object argument) =>
        type.GetMethod(method)!.Invoke(Module, BindingFlags.DoNotWrapExceptions, null, [argument], null)!;
}
