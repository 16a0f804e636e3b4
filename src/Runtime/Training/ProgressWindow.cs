using System.Diagnostics;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>What happened since the last report. Losses are summed on the device, so that a step waits for nothing.</summary>
/// <param name="largest">The network that is told by itself, if it is a step's first student.</param>
internal sealed class ProgressWindow(SizeGroups groups, Architecture largest) : IDisposable
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Tensor?[] placeSums = new Tensor?[SizeGroups.Places];
    private readonly int[] placeCounts = new int[SizeGroups.Places];
    private readonly List<int> counts = [];
    private Tensor? sum;

    public int Steps { get; private set; }

    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>Runs while a step waits for its views.</summary>
    public Stopwatch Data { get; } = new();

    /// <summary>Takes over the losses of a step, [students] in the order of the architectures.</summary>
    public void Add(Tensor losses, IReadOnlyList<Architecture> architectures)
    {
        using var _ = losses;
        using var grad = no_grad();
        Steps++;
        SumOfStudents(losses);
        for (var i = 0; i < architectures.Count; i++)
        {
            var place = groups.PlaceOf(architectures, i, largest);
            placeCounts[place]++;
            using var loss = losses.narrow(0, i, 1);
            Sum(ref placeSums[place], loss);
        }
    }

    /// <summary>Mean losses of a step's first student, its second, and so on.</summary>
    public double[] Means() => sum is null ? [] : [.. Values(sum).Select((v, i) => v / counts[i])];

    /// <summary>Mean loss of the largest; null where no step had it.</summary>
    public double? LargestMean() => MeanAt(0);

    /// <summary>Mean loss of the drawn subnets in each group of <see cref="SizeGroups.Names"/>; null where none was drawn.</summary>
    public double?[] GroupMeans() => [.. Enumerable.Range(1, SizeGroups.Names.Count).Select(MeanAt)];

    private double? MeanAt(int place) => placeSums[place] is { } losses ? Values(losses)[0] / placeCounts[place] : null;

    /// <summary>Begins the next window.</summary>
    public void Reset()
    {
        DisposeSums();
        Array.Clear(placeCounts);
        Steps = 0;
        watch.Restart();
        Data.Reset();
    }

    /// <summary>Not all steps have as many students: Max may be alone at first.</summary>
    private void SumOfStudents(Tensor losses)
    {
        using var scope = NewDisposeScope();
        var students = (int)losses.shape[0];
        for (var i = 0; i < students; i++)
            if (i < counts.Count) counts[i]++;
            else counts.Add(1);
        if (sum is null)
        {
            sum = losses.clone().DetachFromDisposeScope();
            return;
        }
        if (sum.shape[0] < students)
        {
            using var fewer = sum;
            sum = cat([fewer, zeros_like(losses.narrow(0, 0, students - fewer.shape[0]))]).DetachFromDisposeScope();
        }
        sum.narrow(0, 0, students).add_(losses);
    }

    private static void Sum(ref Tensor? sum, Tensor losses)
    {
        if (sum is null) sum = losses.clone().DetachFromDisposeScope();
        else sum.add_(losses);
    }

    private static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.cpu().data<float>().ToArray().Select(v => (double)v)];
    }

    private void DisposeSums()
    {
        sum?.Dispose();
        sum = null;
        counts.Clear();
        foreach (ref var losses in placeSums.AsSpan())
        {
            losses?.Dispose();
            losses = null;
        }
    }

    public void Dispose() => DisposeSums();
}
