using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Whatever an objective keeps between steps survives a checkpoint to the bit.</summary>
[Collection(SingleThread.Name)]
public sealed class ObjectiveResumeTests
{
    [Theory]
    [MemberData(nameof(ObjectiveReference.Cases), MemberType = typeof(ObjectiveReference))]
    public void A_run_stopped_and_continued_comes_to_the_same_bits(string name, bool isFixed)
    {
        using var scope = NewDisposeScope();
        using var run = new TinyRun();
        // SwAV's queue begins in the second of five epochs and is full in the fourth; its prototypes and those of DINO move from the third.
        var method = ObjectiveReference.Method(name, isFixed);
        var options = run.Options(epochs: 5) with { Method = method, Rate = 0.01 };
        using (var whole = run.Trainer(options, "whole")) run.Train(whole);
        foreach (var stop in new[] { 8, long.MaxValue })
        {
            using var part = run.Trainer(options, "parts");
            run.Train(part, until: stop);
        }
        var (expected, positions) = Checkpoint("whole");
        var (actual, positionsOfParts) = Checkpoint("parts");
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.Contains(Pretraining.RecentName, expected.Keys);
        Assert.Equal(positions, positionsOfParts);
        foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], key);

        (Dictionary<string, Tensor>, IEnumerable<KeyValuePair<string, string>>) Checkpoint(string of)
        {
            var (tensors, metadata) = SafeTensors.Read(Path.Combine(run.Folder(of), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return (tensors,
                metadata.Where(entry => entry.Key.EndsWith("Position", StringComparison.Ordinal))
                    .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList());
        }
    }
}
