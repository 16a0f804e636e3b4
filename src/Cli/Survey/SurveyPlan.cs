using System.Diagnostics;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Verdict;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Survey;

/// <summary>What a survey will take on this machine in one process.</summary>
/// <param name="Networks">How many are measured; one that is measured as a slice and trained alone counts twice.</param>
/// <param name="Tried">How many of them were tried for it.</param>
/// <param name="Figures">How many accuracies are measured.</param>
/// <param name="TrainingSeconds">Of all trainings.</param>
/// <param name="MeasuringSeconds">Of all measurements, decoding left out.</param>
/// <param name="PeakBytes">The largest memory of the process while it tried.</param>
/// <param name="DiskBytes">Of the files that it leaves, and of one run's checkpoint while that lasts.</param>
internal sealed record SurveyPlan(
    int Networks, int Tried, int Figures, double TrainingSeconds, double MeasuringSeconds, long PeakBytes, long DiskBytes)
{
    /// <summary>All of it.</summary>
    public double Seconds => TrainingSeconds + MeasuringSeconds;
}

/// <summary>
/// Tries the cheapest, the middle and the dearest network of each space for a moment, and reckons the time of the others from theirs by
/// their multiply-accumulates.
/// </summary>
internal sealed class SurveyPlanner(SurveyRequest request, SurveyTraining? training, SurveyRun run, Device device)
{
    /// <summary>Networks of a space that are tried.</summary>
    private const int MostTried = 3;

    /// <param name="seconds">To train for as a trial, over all of those that are.</param>
    public SurveyPlan Run(double seconds)
    {
        var (subjects, scenarios) = run.Read();
        var data = scenarios.ToDictionary(scenario => scenario, scenario => scenario.Load(request.Seed));
        var options = subjects.Where(s => !s.IsSlice).ToDictionary(s => s, s => training!.Options(s.Network));
        var groups = subjects.GroupBy(s => (s.Network.Space, s.IsSlice)).ToList();
        var tried = groups.SelectMany(Tried).ToList();
        var (learning, measuring, checkpoint, runs) = (0.0, 0.0, 0L, Math.Max(1, tried.Count(s => !s.IsSlice)));
        var times = new Dictionary<SurveySubject, (double Learning, double Measuring)>();
        foreach (var subject in tried)
        {
            var plan = options.TryGetValue(subject, out var asked)
                ? new TrainTrial(subject.Network.Space, asked, training!.Images(asked.Size), from: null, teacher: null, device)
                    .Plan(seconds / runs, decoded: 0, saveEvery: 0, keep: 1) : null;
            checkpoint = Math.Max(checkpoint, plan?.DiskBytes ?? 0);
            times.Add(subject, (plan is null ? 0 : plan.Steps * plan.SecondsPerStep, Measuring(subject, scenarios, data)));
        }
        foreach (var group in groups)
        {
            var known = Tried(group).Select(s => (Macs: (double)Macs(s), times[s].Learning, times[s].Measuring)).ToList();
            learning += group.Sum(s => At(Macs(s), [.. known.Select(k => (k.Macs, k.Learning))]));
            measuring += group.Sum(s => At(Macs(s), [.. known.Select(k => (k.Macs, k.Measuring))]));
        }
        var figures = subjects.Count * scenarios.Count * request.Methods.Count;
        var weights = options.Keys.Sum(s => sizeof(float) * s.Network.Space.Parameters(s.Network.Architecture));
        return new(
            subjects.Count, tried.Count, figures, learning, measuring, ProcessMemory.PeakBytes(),
            weights + (request.KeepRuns ? options.Count : Math.Min(1, options.Count)) * checkpoint
                + subjects.Count * request.Methods.Count * data.Values.Sum(d => SurveyFile.Bytes(1, d.Test.Count)));
    }

    private static long Macs(SurveySubject subject) => subject.Network.Space.Macs(subject.Network.Architecture, subject.Size);

    /// <summary>The cheapest, the dearest and those evenly between.</summary>
    private static IEnumerable<SurveySubject> Tried(IEnumerable<SurveySubject> group)
    {
        var sorted = group.OrderBy(Macs).ToList();
        return Enumerable.Range(0, MostTried).Select(i => sorted[i * (sorted.Count - 1) / (MostTried - 1)]).Distinct();
    }

    /// <summary>
    /// The value at a place on the line through the two known ones around it; of one known one in proportion to the place.
    /// </summary>
    internal static double At(double macs, IReadOnlyList<(double Macs, double Value)> known)
    {
        if (known.DistinctBy(k => k.Macs).ToList() is not [_, _, ..] several) return known[0].Value * macs / known[0].Macs;
        var next = several.FindIndex(1, k => k.Macs >= macs) is >= 0 and var found ? found : several.Count - 1;
        var (low, high) = (several[next - 1], several[next]);
        return Math.Max(0, low.Value + (high.Value - low.Value) * (macs - low.Macs) / (high.Macs - low.Macs));
    }

    /// <summary>Seconds of all figures of a network; whatever its weights are, they take as long.</summary>
    private double Measuring(
        SurveySubject subject, IReadOnlyList<SurveyScenario> scenarios, Dictionary<SurveyScenario, LabelledData> data)
    {
        var seconds = 0.0;
        foreach (var scenario in scenarios)
        {
            var (of, size, watch) = (data[scenario], scenario.Size ?? subject.Size, Stopwatch.StartNew());
            using var scope = NewDisposeScope();
            using var network = FixedNetwork.Untrained(subject.Network.Architecture, size, folded: false, ScalarType.Float32);
            network.to(device);
            var making = watch.Elapsed.TotalSeconds;
            var labelled = LabelShare.Balanced(of.Train.Labels, scenario.Labels, request.Seed).Length;
            var probe = new VerdictProbe(
                new(network, of.Train, of.Test, of.Classes, size, request.Seed, request.Calibration, device));
            seconds += making + probe.CalibrationSeconds + request.Methods.Sum(method => probe.Seconds(method, labelled));
        }
        return seconds;
    }
}
