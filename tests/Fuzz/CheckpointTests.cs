using DataSsl.Cli.Tests;
using DataSsl.Runtime.Training;

namespace DataSsl.Fuzz;

/// <summary>Checkpoints for every verb that reads one.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class CheckpointTests(TrainedRun run)
{
    /// <summary>A checkpoint has a checksum of all of it: what differs in a bit is no checkpoint.</summary>
    [Fact]
    public void A_damaged_checkpoint_is_refused_by_every_verb()
    {
        var original = File.ReadAllBytes(run.Checkpoint);
        var folder = Directory.CreateDirectory(run.File("fuzz-run")).FullName;
        var file = Path.Combine(folder, CheckpointFolder.NewestFile);
        var (train, test) = run.LabelledSets();
        var refused = 0;
        for (var seed = 0; seed < Mutation.Rounds(24); seed++)
        {
            var bytes = Mutation.Of(original, seed);
            if (bytes.AsSpan().SequenceEqual(original)) continue;
            File.WriteAllBytes(file, bytes);
            var (verb, arguments) = Verb(seed % 6, folder, train, test);
            Assert.True(Ending.Of($"{verb}, seed {seed}", arguments) is { } line && line.Contains(file, StringComparison.Ordinal), $"{verb}, seed {seed}: went on from a damaged checkpoint");
            refused++;
        }
        Assert.True(refused > 0, "no damage was seen");
        Assert.Equal([file], Directory.GetFileSystemEntries(folder));
    }

    private (string Verb, string[] Arguments) Verb(int which, string folder, string train, string test) => which switch
    {
        0 => ("search", ["search", "--checkpoint", folder, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32", "--candidates", "2", "--out", run.File("fuzz-out")]),
        1 => ("evaluate", ["evaluate", "knn", "--checkpoint", folder, "--data", train, "--test", test, "--size", "32", "--k", "3"]),
        2 => ("emit", ["emit", "--checkpoint", folder, "--data", run.Data, "--images", "4", "--arch", "Min", "--name", "Fuzzed", "--out", run.File("fuzz-out")]),
        3 => ("plan search", ["plan", "search", "--checkpoint", folder, "--data", run.Data, "--budgets", "2-3M", "--images", "4", "--size", "32"]),
        4 => ("study", ["study", "--checkpoint", folder, "--data", run.Data, "--train", train, "--test", test, "--subnets", "3", "--method", "knn", "--images", "4", "--size", "32", "--out", run.File("fuzz-out")]),
        _ => ("evaluate linear", ["evaluate", "linear", "--checkpoint", folder, "--data", train, "--test", test, "--size", "32", "--l2", "0.1"]),
    };
}
