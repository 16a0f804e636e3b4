using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>The repository's own space files, and a small one for snapshots.</summary>
internal static class TestSpaces
{
    public const string Tiny = """
        space: Tiny
        namespace: Acme.Spaces
        family: resnet-bottleneck
        input: { channels: 3, size: 32 }
        stem: { resolution: low, width: [8, 16] }
        stages:
          - { width: [4, 8], depth: { from: 1, to: 2 } }
          - { width: { from: 8, to: 16, step: 4 }, depth: 1 }
        anchors:
          Half: { width: [8, 4, 6], depth: [2, 1] }
        """;

    public const string Basic = """
        space: Basic
        namespace: Acme.Spaces
        family: resnet-basic
        input: { channels: 3, size: 64 }
        stem: { width: [8, 16] }
        stages:
          - { depth: [1, 2] }
          - { width: [8, 16, 24], depth: [1, 2] }
        anchors:
          Half: { width: [8, 16], depth: [2, 1] }
        """;

    public const string Mobile = """
        space: Mobile
        namespace: Acme.Spaces
        family: mobilenet-v2
        input: { channels: 3, size: 64 }
        stem: { width: [8, 16] }
        stages:
          - { kernel: 3, width: [8, 16], depth: 1 }
          - { expansion: [2, 6], kernel: [3, 5], width: [8, 16], depth: [1, 2] }
        anchors:
          Half: { expansion: [4], kernel: [3, 5], width: [8, 8, 16], depth: [1, 2] }
        """;

    public const string Transformer = """
        space: Transformer
        namespace: Acme.Spaces
        family: vit
        input: { channels: 3, size: 32 }
        stem: { patch: 8, width: [64, 128] }
        stages:
          - { heads: [1, 2], mlp: [2, 4], depth: [1, 2] }
          - { heads: [1, 2], mlp: 2, depth: [1, 2] }
        anchors:
          Half: { width: [96], heads: [1, 2], mlp: [3, 2], depth: [2, 1] }
        """;

    public static string Root { get; } = FindRoot();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, "spaces", file));

    public static NetworkPlan Plan(string text)
    {
        var parsed = SpaceCompiler.Parse("test.space.yaml", text);
        Assert.Empty(parsed.Diagnostics.Select(d => d.ToString()));
        return SpaceCompiler.Lower(parsed.Space!);
    }

    public static NetworkPlan DataResNet { get; } = Plan(Read("data-resnet.space.yaml"));

    /// <summary>Choices of a plan from widths (stem first) and depths, as tables print them.</summary>
    public static EquatableArray<int> Choices(NetworkPlan plan, int[] widths, int[] depths)
    {
        var (w, d) = (new Queue<int>(widths), new Queue<int>(depths));
        return plan.Space.Axes.Select(a => a.Kind == "width" ? w.Dequeue() : d.Dequeue()).ToEquatableArray();
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DataSsl.Gen.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside the repository");
        return folder;
    }
}
