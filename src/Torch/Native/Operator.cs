using static TorchSharp.torch;

namespace DataSsl.Torch.Native;

/// <summary>
/// One ATen operator, or one of the shim's own, found in libtorch's dispatcher by schema name on its first call. Arguments are positional, as in the schema;
/// those left out at the end take the schema's defaults.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int MaxResults = 8;
    private const int StackWords = 128;
    private nint _handle;

    internal string Name => name;

    internal Tensor Call(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        Invoke(args, results);
        return Take(results);
    }

    /// <summary>Calls an operator that writes to its first argument, and returns that very object.</summary>
    internal Tensor InPlace(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        if (Invoke(args, results) > 0)
            Shim.dsl_tensor_free((nint)results[0].Pointer);
        return (Tensor)args[0].Reference!;
    }

    internal (Tensor, Tensor) Pair(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        Invoke(args, results);
        return (Take(results), Take(results + 1));
    }

    internal (Tensor, Tensor, Tensor) Triple(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        Invoke(args, results);
        return (Take(results), Take(results + 1), Take(results + 2));
    }

    internal Tensor[] List(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        Invoke(args, results);
        var handles = new ReadOnlySpan<nint>(results[0].Pointer, results[0].Length);
        var tensors = new Tensor[handles.Length];
        for (var k = 0; k < tensors.Length; k++)
            tensors[k] = new Tensor(handles[k]);
        Shim.dsl_tensor_list_free((nint)results[0].Pointer);
        return tensors;
    }

    /// <summary>Calls an operator whose result is a number or a truth value.</summary>
    internal Value Number(params scoped ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[MaxResults];
        Invoke(args, results);
        return results[0];
    }

    private static Tensor Take(Value* result) => new((nint)result->Pointer);

    private int Invoke(scoped ReadOnlySpan<Arg> args, Value* results)
    {
        var values = stackalloc Value[args.Length];
        var words = Marshaller.ScratchWords(args);
        if (words > StackWords)
            return InvokeWithLongLists(args, values, words, results);
        var scratch = stackalloc long[words];
        Marshaller.Write(args, values, scratch);
        return Check(Shim.dsl_operator_call(Handle, values, args.Length, results, MaxResults));
    }

    private int InvokeWithLongLists(scoped ReadOnlySpan<Arg> args, Value* values, int words, Value* results)
    {
        fixed (long* scratch = new long[words])
        {
            Marshaller.Write(args, values, scratch);
            return Check(Shim.dsl_operator_call(Handle, values, args.Length, results, MaxResults));
        }
    }

    private int Check(int count) => count >= 0 ? count : throw Shim.Error(name);

    // Two threads may both look the handle up; the shim never frees one, so either will do.
    private nint Handle => _handle != 0 ? _handle : _handle = Find();

    private nint Find()
    {
        var handle = Shim.dsl_operator_find(name.Contains(':') ? name : "aten::" + name, overload);
        return handle != 0 ? handle : throw Shim.Error(overload.Length > 0 ? $"{name}.{overload}" : name);
    }
}
