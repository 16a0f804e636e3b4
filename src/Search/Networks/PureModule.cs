using System.Reflection;
using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Search.Networks;

/// <summary>
/// The embedding of an emitted pure C# class as a module, computed on the calling thread: images [N, C, S, S] -> [N, width]. It has no
/// weights to train.
/// </summary>
public sealed class PureModule : nn.Module<Tensor, Tensor>
{
    private readonly IDisposable network;
    private readonly Embedder embed;
    private readonly int width;

    private PureModule(Type of, IDisposable network) : base(of.Name)
    {
        (this.network, ClassName, Side, width) = (network, of.Name, Constant(of, nameof(Side))!.Value, Constant(of, "Width")!.Value);
        embed = of.GetMethod("Embed", Embedded)!.CreateDelegate<Embedder>(network);
    }

    private delegate void Embedder(ReadOnlySpan<float> images, Span<float> embeddings);

    private static Type[] Embedded { get; } = [typeof(ReadOnlySpan<float>), typeof(Span<float>)];

    /// <summary>Its class.</summary>
    public string ClassName { get; }

    /// <summary>Of its images, in pixels; it takes no others.</summary>
    public int Side { get; }

    /// <summary>The one of a compiled file, with its weights; null where there is none.</summary>
    /// <exception cref="UserException">The weights are not its.</exception>
    internal static PureModule? Read(Assembly assembly, string weightsPath)
    {
        var of = assembly.GetExportedTypes().FirstOrDefault(type =>
            Constant(type, nameof(Side)) is not null && Constant(type, "Width") is not null && type.GetMethod("Embed", Embedded) is not null
                && Load(type) is not null);
        if (of is null) return null;
        try
        {
            var network = Load(of)!.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, [weightsPath, 1, 0], culture: null)!;
            return new(of, (IDisposable)network);
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{weightsPath}: not the weights of {of.Name}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor images)
    {
        var (count, values) = ((int)images.shape[0], new float[images.shape[0] * width]);
        using var scope = NewDisposeScope();
        embed(images.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray(), values);
        return tensor(values, [count, width]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) network.Dispose();
        base.Dispose(disposing);
    }

    private static MethodInfo? Load(Type type) => type.GetMethod(nameof(Load), [typeof(string), typeof(int), typeof(int)]);

    private static int? Constant(Type type, string name) =>
        type.GetField(name, BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as int?;
}
