using DataSsl.Runtime.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Two processes with a half of the batch each against one with the whole.</summary>
[Collection(SingleThread.Name)]
public sealed class ObjectiveProcessTests
{
    private const int Steps = 4;

    /// <summary>
    /// The other order of sums moves a ReLU's input to the other side of 0 now and then, and gradients jump by thousandths; a part that is
    /// dealt or weighted wrongly shows by halves.
    /// </summary>
    private const double Kinks = 0.03;

    [Theory]
    [MemberData(nameof(TinyObjectives.Names), MemberType = typeof(TinyObjectives))]
    public void Two_with_common_statistics_are_one(string name) => AreOne(TinyObjectives.All[name]);

    /// <summary>A group of statistics for each process; SimCLR's and SwAV's losses are then over a group too.</summary>
    [Theory]
    [MemberData(nameof(TinyObjectives.Names), MemberType = typeof(TinyObjectives))]
    public void Two_with_a_group_each_are_one_with_two_groups(string name) => AreOne(TinyObjectives.All[name] with { NormGroups = 2 });

    private static void AreOne(Method method)
    {
        var alone = Train(method, null);
        var together = Processes.Run(2, group => Train(method, group));
        foreach (var state in together)
            foreach (var (key, expected) in alone)
                Close.To(expected, state[key], IsGradient(key) ? Kinks : 1e-5, key, rounding: IsGradient(key) ? 1e-3 : 1e-6);
        foreach (var (key, first) in together[0]) Close.SameBits(first, together[1][key], $"{key} of the other process");
        foreach (var tensor in together.Append(alone).SelectMany(state => state.Values)) tensor.Dispose();
    }

    /// <summary>Momentum is a sum of gradients, whatever the rate.</summary>
    private static bool IsGradient(string key) => key.StartsWith("momentum.", StringComparison.Ordinal);

    /// <summary>The losses of some steps and the state after them.</summary>
    private static Dictionary<string, Tensor> Train(Method method, ProcessGroup? processes)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(method, processes: processes);
        var losses = Enumerable.Range(0, Steps).Select(step => TinyObjectives.Step(model, method, step, rate: 1e-4)).ToList();
        return model.State.Append(("losses", stack(losses)))
            .ToDictionary(entry => entry.Item1, entry => entry.Item2.clone().DetachFromDisposeScope());
    }
}
