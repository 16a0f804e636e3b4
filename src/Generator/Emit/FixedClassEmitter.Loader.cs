using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.Kernels;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>What loads a file of weights; who reads it is <see cref="WeightsReader"/>.</summary>
    private void EmitLoader()
    {
        w.Line("/// <summary>");
        w.Line("/// Loads weights of 32 or 16 bits from a safetensors file with this network's keys"
            + (spec.Head == 0 ? "; keys of other parts (a classification head) are passed over."
                : "; a file without the head leaves it as it is."));
        if (norms.Count > 0)
            w.Line(
                "/// The file is the one that the class with BatchNorm loads: each norm is folded into its convolution here, in 64 bits.");
        w.Line(
            "/// Throws InvalidDataException where a tensor is missing, has another shape or type or belongs to another architecture, or "
                + "the file is damaged.");
        w.Line("/// </summary>");
        w.Block($"public {spec.ClassName} load_safetensors(string path)", () =>
        {
            w.Line("var weights = new WeightsFile(path, bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));");
            w.Line("var (state, loaded) = (state_dict(), new Dictionary<string, Tensor>());");
            w.Line("using var grad = no_grad();");
            w.Line("using var scope = NewDisposeScope();");
            if (norms.Count > 0) w.Line(FoldBody);
            w.Line(TakeBody.Replace("SKIPPED", string.Join(" || ", Skipped())));
            w.Line(CopyBody);
            w.Line("return this;").Line();
            w.Line("Tensor Take(string key, long[] shape) => tensor(weights.Read(key, shape), shape);");
        });
        w.Line();
        w.Summary(
            "Whether the file that was loaded has a checksum, which it has passed; one of another writer has none, and a changed value in "
                + "it goes unseen.");
        w.Line("public bool is_checked { get; private set; }");
        w.Line();
        if (norms.Count > 0) EmitNorms();

        string[] Skipped() =>
        [
            .. norms.Count > 0 ? new[] { "loaded.ContainsKey(key)" } : [KeyEnds("num_batches_tracked")],
            .. spec.Head > 0
                ? new[] { $"(key.StartsWith({Names.Literal(HeadNode.Name + ".")}, StringComparison.Ordinal) && !weights.HasAny({Names.Literal(HeadNode.Name + ".")}))" }
                : [],
        ];
    }

    /// <summary>What is folded into what, a line for each block.</summary>
    private void EmitNorms()
    {
        w.Summary("The convolutions, each with the BatchNorm that is folded into it.");
        w.List("private static readonly (string Convolution, string Norm)[] Norms =", () =>
        {
            foreach (var block in norms.GroupBy(n => n.Block))
                w.Line(string.Join(" ", block.Select(n => $"({Names.Literal(n.Convolution)}, {Names.Literal(n.Norm)}),")));
        });
        w.Line();
    }

    private static string KeyEnds(string suffix) => $"key.EndsWith({Names.Literal(suffix)}, StringComparison.Ordinal)";

    private const string TakeBody = """
        foreach (var (key, target) in state)
        {
            if (SKIPPED) continue;
            loaded[key] = Take(key, target.shape);
        }
        weights.MustBeAllRead();
        """;

    /// <summary>Once nothing is refused any more: a network keeps what it has, or takes all of a file.</summary>
    private const string CopyBody = """
        foreach (var (key, values) in loaded) state[key].copy_(values);
        is_checked = weights.IsChecked;
        """;

    private static readonly string FoldBody = $$"""
        foreach (var (convolution, norm) in Norms)
        {
            using var inner = NewDisposeScope();
            var (weight, bias) = (convolution + ".weight", convolution + ".bias");
            var channels = state[bias].shape;
            var scale = Take(norm + ".weight", channels) / (Take(norm + ".running_var", channels).to(ScalarType.Float64) + {{Names.Small(NormEpsilon.Batch)}}).sqrt();
            loaded[weight] = (Take(weight, state[weight].shape) * scale.reshape(-1, 1, 1, 1)).to(state[weight].dtype).MoveToOuterDisposeScope();
            loaded[bias] = (Take(norm + ".bias", channels) - Take(norm + ".running_mean", channels) * scale).to(state[bias].dtype).MoveToOuterDisposeScope();
        }
        """;
}
