using System.Linq.Expressions;
using System.Reflection;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;

namespace DataSsl.Search.Networks;

/// <summary>
/// An emitted pure C# class, compiled in memory, with its weights. Its methods take arrays here: reflection cannot pass the spans that the
/// class's own take.
/// </summary>
public sealed class PureNetwork : IDisposable
{
    private const string Calls = "PureNetworkCalls";

    private readonly IDisposable network;
    private readonly Action<IDisposable, float[], float[]> embed;
    private readonly Action<IDisposable, float[], float[]>? classify;
    private readonly Action<IDisposable, float[], float[][]> features;

    /// <param name="source">The class that <paramref name="spec"/> names.</param>
    /// <param name="weights">A safetensors file.</param>
    /// <exception cref="InvalidDataException">The file is not its weights.</exception>
    internal PureNetwork(string source, NetworkPlan plan, FixedClassSpec spec, string weights, int threads = 1)
    {
        var calls = InMemoryCompiler.Compile("DataSslPureNetwork", source, CallsSource(plan, spec))
            .GetType($"{spec.Namespace}.{Calls}", throwOnError: true)!;
        embed = Method<Action<IDisposable, float[], float[]>>("Embed");
        features = Method<Action<IDisposable, float[], float[][]>>("Features");
        if (spec.Head > 0) classify = Method<Action<IDisposable, float[], float[]>>("Classify");
        network = Method<Func<string, int, IDisposable>>("Load")(weights, threads);

        T Method<T>(string name) where T : Delegate =>
            calls.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<T>();
    }

    /// <summary>The network as the emitted class has it.</summary>
    internal object Instance => network;

    /// <summary>Images [N, C, S, S] -> embeddings [N, width].</summary>
    public void Embed(float[] images, float[] embeddings) => embed(network, images, embeddings);

    /// <summary>Images [N, C, S, S] -> logits [N, classes]; only of a class with a head.</summary>
    public void Classify(float[] images, float[] logits) =>
        (classify ?? throw new InvalidOperationException("the class has no head"))(network, images, logits);

    /// <summary>Images [N, C, S, S] -> the maps for dense tasks, each [N, C, H, W].</summary>
    public void Features(float[] images, float[][] maps) => features(network, images, maps);

    /// <summary>The passes of a block in their order, each of which runs again on what lies in its places since the last image.</summary>
    /// <param name="key">Of the block.</param>
    internal IReadOnlyList<Action> PassesOf(string key)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        var (type, prefix) = (network.GetType(), SpaceCompiler.PassOf(key));
        var machine = type.GetField("machine", own)!.GetValue(network)!;
        var run = machine.GetType().GetMethod("Run", own)!;
        var step = run.GetParameters()[0].ParameterType;
        // In the order of the source, which is that of the passes.
        return
        [
            .. type.GetFields(own).Where(field => step.IsAssignableFrom(field.FieldType))
                .Where(field => field.Name == prefix || field.Name.StartsWith(prefix + "_", StringComparison.Ordinal))
                .Select(field => Expression.Lambda<Action>(
                    Expression.Call(Expression.Constant(machine), run, Expression.Constant(field.GetValue(network), step))).Compile()),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private static string CallsSource(NetworkPlan plan, FixedClassSpec spec) => $$"""
        namespace {{spec.Namespace}};

        public static class {{Calls}}
        {
            public static System.IDisposable Load(string weights, int threads) => {{spec.ClassName}}.Load(weights, threads);

            public static void Embed(System.IDisposable network, float[] images, float[] embeddings) => (({{spec.ClassName}})network).Embed(images, embeddings);
            {{(spec.Head > 0 ? $"\n    public static void Classify(System.IDisposable network, float[] images, float[] logits) => (({spec.ClassName})network).Classify(images, logits);\n" : "")}}
            public static void Features(System.IDisposable network, float[] images, float[][] maps) =>
                (({{spec.ClassName}})network).Features(images, {{string.Join(", ", plan.Taps.Select((_, i) => $"maps[{i}]"))}});
        }
        """;
}
