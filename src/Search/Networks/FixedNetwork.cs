using System.Reflection;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Onnx;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using DataSsl.Torch;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static TorchSharp.torch;

namespace DataSsl.Search.Networks;

/// <summary>Fixed classes at run time: compiled in memory, with weights of their own, ready to evaluate or to train on.</summary>
public static class FixedNetwork
{
    private const string LoadMethod = "load_safetensors";

    /// <summary>The weights' metadata that names the side of the images in pixels.</summary>
    public const string SizeKey = "size";

    /// <summary>The metadata of weights, or of a model, in 8 bits that say how they were made.</summary>
    public const string QuantisationKey = "quantisation";

    /// <summary>
    /// The class that would be emitted for an architecture, with copies of the supernet's weights, in evaluation mode; the caller disposes
    /// it.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Of(Supernet net, Architecture architecture, NormStatistics statistics, Device device)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var plan = SpacePlan.Of(net.SearchSpace);
        var source = SpaceCompiler.EmitFixedClass(
            plan,
            new(
                "FixedSlice", "DataSsl.InMemory", architecture.Choices.ToArray().ToEquatableArray(), net.SearchSpace.InputSize,
                Array.Empty<string>().ToEquatableArray()));
        var module = Create(ClassIn(InMemoryCompiler.Compile("DataSslFixedNetwork", source))!, device);
        module.load_state_dict(SliceState.Of(net, plan, architecture, statistics).ToDictionary(entry => entry.Key, entry => entry.Tensor));
        return Detached(module);
    }

    /// <summary>
    /// An emitted class from its source and weights, in evaluation mode; of a pure one, which knows no tensors, its embedding as a
    /// <see cref="PureModule"/>. The caller disposes it.
    /// </summary>
    /// <returns>The network, its class's name, and the side of the images that it was emitted for; null where the weights do not
    /// say.</returns>
    /// <exception cref="UserException">A file is missing or damaged, the source does not compile or holds no emitted class, or the weights
    /// are not its.</exception>
    public static (nn.Module<Tensor, Tensor> Network, string ClassName, int
        ? Size) Read(string sourcePath, string weightsPath, Device device)
    {
        // The class itself would say less well what is wrong with a file that is none of the format.
        var metadata = SafeTensors.ReadMetadata(weightsPath);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var assembly = Compiled(sourcePath);
        if (ClassIn(assembly) is not { } type)
            return PureModule.Read(assembly, weightsPath) is { } pure
                ? (pure, pure.ClassName, pure.Side)
                : throw new UserException($"{sourcePath}: holds no emitted class (a public Module<Tensor, Tensor> with {LoadMethod})");
        var module = Create(type, device);
        try
        {
            Call(type, LoadMethod, module, weightsPath);
        }
        catch (InvalidDataException e)
        {
            module.Dispose();
            throw new UserException($"{weightsPath}: not the weights of {type.Name}: {e.Message}", e);
        }
        return (Detached(module), type.Name, int.TryParse(metadata.GetValueOrDefault(SizeKey), out var size) ? size : null);
    }

    /// <summary>
    /// The class of an architecture of a space that is known by its text alone, with the weights it starts from, in evaluation mode. The
    /// caller disposes it.
    /// </summary>
    /// <param name="source">The space as YAML.</param>
    /// <param name="architecture">As <see cref="Architecture"/> writes it.</param>
    /// <param name="size">Side of the square images.</param>
    /// <exception cref="UserException">The text is no space, or the other no architecture of it.</exception>
    public static nn.Module<Tensor, Tensor> OfText(string source, string architecture, int size)
    {
        using var scope = NewDisposeScope();
        if (SpaceCompiler.Parse("space", source).Space is not { } space) throw new UserException("the text of a space is damaged");
        try
        {
            var spec = new FixedClassSpec(
                "FixedSlice", "DataSsl.InMemory", space.Text().Parse(architecture).ToEquatableArray(), size,
                Array.Empty<string>().ToEquatableArray());
            var text = SpaceCompiler.EmitFixedClass(SpaceCompiler.Lower(space), spec);
            return Detached(Create(ClassIn(InMemoryCompiler.Compile("DataSslFixedNetwork", text))!));
        }
        catch (FormatException e)
        {
            throw new UserException($"'{architecture}' is not an architecture of {space.Name}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The class that would be emitted, with the weights it starts from, in evaluation mode: what it costs to run does not depend on them.
    /// The caller disposes it.
    /// </summary>
    /// <param name="folded">The class for inference.</param>
    public static nn.Module<Tensor, Tensor> Untrained(Architecture architecture, int size, bool folded, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var source = SpaceCompiler.EmitFixedClass(SpacePlan.Of(architecture.Space), UntrainedSpec(architecture, size, folded));
        return Detached(Create(ClassIn(InMemoryCompiler.Compile("DataSslFixedNetwork", source))!, CPU, type));
    }

    /// <summary>The same as pure C#; the caller disposes it.</summary>
    /// <param name="inBytes">In 8 bits.</param>
    /// <param name="isSilent">Whether all its parameters are 0. A block adds to what lies in its place, and one of other weights that runs
    /// thousands of times drives that towards 0, where the numbers are some forty times as slow to reckon with on Intel's processors, or
    /// out of all bounds; a silent one leaves it.</param>
    public static PureNetwork UntrainedPure(Architecture architecture, int size, int threads, bool inBytes = false, bool isSilent = false)
    {
        using var scope = NewDisposeScope();
        var (plan, spec) = (SpacePlan.Of(architecture.Space), UntrainedSpec(architecture, size, folded: false));
        using var module = Untrained(architecture, size, folded: inBytes, ScalarType.Float32);
        if (isSilent)
            foreach (var parameter in module.parameters()) parameter.detach().zero_();
        var state = module.state_dict();
        var entries = state.Select(entry => (entry.Key, entry.Value));
        if (inBytes)
        {
            var bytes = ByteState.Of(plan, spec.Choices, state, _ => AnyRange);
            (entries, spec) = (bytes.Entries, spec with { Bytes = bytes.Layers.ToEquatableArray() });
        }
        var weights = Path.GetTempFileName();
        try
        {
            SafeTensors.Write(weights, entries, new Dictionary<string, string>());
            return new(SpaceCompiler.EmitPureClass(plan, spec), plan, spec, weights, threads);
        }
        finally
        {
            File.Delete(weights);
        }
    }

    /// <summary>The same in ONNX Runtime, folded, the embedding its only output; the caller disposes it.</summary>
    /// <param name="inBytes">In 8 bits.</param>
    public static OnnxModel UntrainedOnnx(Architecture architecture, int size, int threads, bool inBytes = false)
    {
        using var scope = NewDisposeScope();
        using var module = Untrained(architecture, size, folded: true, ScalarType.Float32);
        var path = Path.GetTempFileName();
        try
        {
            OnnxNetwork.Write(
                path, Folding.Fold(SpacePlan.Of(architecture.Space)), UntrainedSpec(architecture, size, folded: true), module.state_dict(),
                new Dictionary<string, string>(), new(Maps: false, Bits: inBytes ? new(_ => AnyRange, _ => true) : null));
            return new(path, threads);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What a product of bytes costs does not depend on what they stand for.</summary>
    private static readonly ByteRange AnyRange = new(1f / 64, 0);

    private static FixedClassSpec UntrainedSpec(Architecture architecture, int size, bool folded) =>
        new(
            "Untrained", "DataSsl.InMemory", architecture.Choices.ToArray().ToEquatableArray(), size,
            Array.Empty<string>().ToEquatableArray(), Folded: folded);

    /// <summary>Calls an emitted method; what it throws comes out as it is.</summary>
    internal static object Call(Type type, string method, object target, object argument) =>
        type.GetMethod(method)!.Invoke(target, BindingFlags.DoNotWrapExceptions, binder: null, [argument], culture: null)!;

    internal static nn.Module<Tensor, Tensor> Create(Type of, Device? device = null, ScalarType? type = null)
    {
        OneDnnCaches.Mend();
        return (nn.Module<Tensor, Tensor>)Activator.CreateInstance(of, [device, type])!;
    }

    /// <summary>
    /// What an emitted class compiles from: its file and, where it shares the reader of weights with others of its namespace, the reader's
    /// beside it.
    /// </summary>
    public static string[] SourcesOf(string sourcePath)
    {
        var source = RegularFile.ReadGiven(sourcePath);
        var home = CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<FileScopedNamespaceDeclarationSyntax>()
            .FirstOrDefault();
        if (home is null
            || home.DescendantNodes().OfType<ClassDeclarationSyntax>()
                .Any(type => type.Identifier.ValueText == SpaceCompiler.WeightsReaderClass))
            return [source];
        var reader = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(sourcePath))!, SpaceCompiler.WeightsReaderFile(home.Name.ToString()));
        return File.Exists(reader) ? [source, RegularFile.ReadGiven(reader)] : [source];
    }

    private static Assembly Compiled(string sourcePath)
    {
        try
        {
            return InMemoryCompiler.Compile("DataSslFixedNetwork", SourcesOf(sourcePath));
        }
        catch (InvalidOperationException e)
        {
            throw new UserException($"{sourcePath}: {e.Message}", e);
        }
    }

    private static Type? ClassIn(Assembly assembly) => assembly.GetExportedTypes().FirstOrDefault(type =>
        type.IsSubclassOf(typeof(nn.Module<Tensor, Tensor>)) && type.GetMethod(LoadMethod) is not null
            && type.GetConstructor([typeof(Device), typeof(ScalarType?)]) is not null);

    private static nn.Module<Tensor, Tensor> Detached(nn.Module<Tensor, Tensor> module)
    {
        foreach (var tensor in module.parameters().Concat(module.buffers())) tensor.DetachFromDisposeScope();
        module.eval();
        return module;
    }
}
