using DataSsl.Runtime;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

/// <summary>A search result of believable shape: score rises with the logarithm of MACs, with noise.</summary>
internal static class SyntheticSearch
{
    public static SearchResult Of(int candidates, ulong seed = 1)
    {
        TaskInfo[] tasks =
        [
            new("classification", "z", "cosine similarity of the embeddings of subnet and teacher"),
            new("detection", "C2-C5", "mean cosine similarity of the feature maps"),
        ];
        var random = CounterRandom.For(seed, "synthetic search");
        var all = Enumerable.Range(0, candidates).Select(i => Draw(i, ref random)).ToList();
        var winners =
            from task in tasks
            from low in new[] { 2, 3, 4 }
            let members = all.Where(c => c.Macs >= low * 1e9 && c.Macs < (low + 1) * 1e9).ToList()
            where members.Count > 0
            select new Winner(task.Name, $"{low}-{low + 1}G", members.MaxBy(c => c.Scores[task.Name])!, members.Count,
                $"DataResNet{low}G{task.Name[0]}", $"winners/DataResNet{low}G.cs", $"winners/DataResNet{low}G.safetensors", 0);
        return new("DataResNet", "5f3c9a1e77d0", 224, tasks, all, [.. winners],
            [
                new("ResNet50", "stem=64 stage1=64x3 stage2=128x4 stage3=256x6 stage4=512x3", 4_089_000_000, 25_557_000),
                new("Max", "stem=64 stage1=80x4 stage2=160x6 stage3=320x20 stage4=640x4", 16_300_000_000, 80_100_000),
            ],
            new Dictionary<string, string>
            {
                ["checkpoint"] = "runs/demo/last.dskpt (sha256 0a1b2c3d)",
                ["data"] = "demo/aerial, 4,000 images (sha256 99ffee)",
                ["seed"] = "1",
                ["command"] = "datassl search --space DataResNet --checkpoint runs/demo/last.dskpt --data demo/aerial --budget 2-3G,3-4G,4-5G",
            }, 4321.5);
    }

    private static Candidate Draw(int index, ref CounterRandom random)
    {
        int[] width = [32 + 16 * (int)random.Below(3), 48 + 16 * (int)random.Below(3), 96 + 32 * (int)random.Below(3), 192 + 64 * (int)random.Below(3), 384 + 128 * (int)random.Below(3)];
        int[] depth = [1, 2 + (int)random.Below(3), 2 + 2 * (int)random.Below(3), 4 + (int)random.Below(17), 2 + (int)random.Below(3)];
        var macs = (long)(1e8 * (width[0] / 16.0 + Enumerable.Range(1, 4).Sum(s => depth[s] * Math.Pow(width[s] / (48.0 * (1 << (s - 1))), 2))));
        var skill = 0.55 + 0.11 * Math.Log(macs / 1e9);
        return new(
            $"stem={width[0]} " + string.Join(" ", Enumerable.Range(1, 4).Select(s => $"stage{s}={width[s]}x{depth[s]}")), index, macs, macs / 160,
            new Dictionary<string, double> { ["classification"] = skill + 0.03 * random.NextNormal(), ["detection"] = skill - 0.05 + 0.02 * random.NextNormal() });
    }
}
