using System.Diagnostics;
using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Bench;

/// <summary>Our sides of the search benchmark: the walk over a share of a space, or candidates one by one.</summary>
internal static class SearchWorker
{
    /// <summary>
    /// Answers <c>walk SHARE OF</c> and <c>alone INDEX …</c> with the seconds that scoring took; after an empty line, with the peak resident bytes. The teacher runs once, when the worker starts
    /// for the warm-up, as in a search.
    /// </summary>
    public static int Run(SearchSpace space, int images, int size)
    {
        using var networks = new NetworkPair(space, Math.Min(2048, space.Max.EmbeddingChannels), 128, CPU, ScalarType.Float32, trainable: false);
        networks.StudentWeights.Initialize(0);
        networks.TeacherWeights.Initialize(1);
        using var generator = new torch.Generator(0);
        using var batch = randn([images, space.InputChannels, size, size], generator: generator);
        (networks.Student.ImagesAtOnce, networks.Teacher.ImagesAtOnce) = (images, images);
        using var scorer = new Scorer(networks, [SearchTask.Classification], batch);
        var all = space.All().ToList();
        var macs = new BlockMacs(space, size);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var words = line.Split(' ');
            var numbers = words.Skip(1).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            var groups = words[0] == "walk" ? [macs.Deal(all, numbers[1])[numbers[0]]] : numbers.Select(i => (IReadOnlyList<Architecture>)[all[i]]).ToList();
            var (start, found) = (Stopwatch.GetTimestamp(), 0);
            foreach (var group in groups) PrefixWalk.Run(networks, scorer, group, batch, (_, _) => found++);
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
            if (found != groups.Sum(g => g.Count)) throw new InvalidOperationException($"{found} candidates were scored instead of {groups.Sum(g => g.Count)}");
        }
        Console.WriteLine(ProcessMemory.PeakBytes());
        return 0;
    }
}
