using System.Globalization;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Our sides of the search benchmark: the walk over a share of a space, or candidates one by one.</summary>
internal static class SearchWorker
{
    /// <summary>
    /// A line is <c>walk SHARE OF</c> or <c>alone INDEX …</c>. The teacher runs once, when the worker starts, as in a search.
    /// </summary>
    public static int Run(SearchSpace space, int images, int size)
    {
        using var networks = new NetworkPair(
            space, new(new([Math.Min(2048, space.Max.EmbeddingChannels)], 128)), hasTeacher: true, CPU, ScalarType.Float32,
            trainable: false);
        networks.StudentWeights.Initialize(0);
        networks.TeacherWeights.Initialize(1);
        using var generator = new torch.Generator(0);
        using var drawn = randn([images, space.InputChannels, size, size], generator: generator);
        // As a search has its images.
        using var batch = MemoryFormat.ChannelsLast(drawn);
        PrefixWalk.Prepare(networks, images);
        using var scorer = new Scorer(networks, [SearchTask.Classification], batch);
        var all = space.All().ToList();
        var macs = new BlockMacs(space, size);
        return WorkLoop.Run(line =>
        {
            var words = line.Split(' ');
            var numbers = words.Skip(1).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            var groups = words[0] == "walk"
                ? [macs.Deal(all, numbers[1])[numbers[0]]]
                : numbers.Select(i => (IReadOnlyList<Architecture>)[all[i]]).ToList();
            return () =>
            {
                foreach (var group in groups) PrefixWalk.Run(networks, scorer, group, batch, (_, _) => { });
            };
        });
    }
}
