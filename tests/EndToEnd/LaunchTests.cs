using System.Diagnostics;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd;

/// <summary><c>launch</c>: two real processes that train together.</summary>
public sealed class LaunchTests : IDisposable
{
    private static readonly string[] Two = ["launch", "--nproc", "2", "--"];
    private readonly TrainFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>In 32 bits and at a rate that does not amplify rounding: one thread and two differ as much as one process and two do.</summary>
    [SkippableFact]
    public void Two_processes_with_half_the_batch_each_make_the_steps_of_one_with_the_whole()
    {
        SkipWithoutGloo();
        string[] Tiny(string name) =>
        [
            "train", "--space-file", Path.Combine(AppContext.BaseDirectory, "tiny.space.yaml"), "--space", "Tiny", "--data", folder.Images, "--out", folder[name], "--batch", "16", "--epochs", "20",
            "--hidden", "16", "--rate", "1e-4", "--compute", "float32", "--norm-groups", "1", "--threads", "1",
        ];
        Succeed(Tiny("one"));
        Succeed([.. Two, .. Tiny("two")]);

        var (one, two) = (Read("one"), Read("two"));
        Assert.Equal(one.Keys, two.Keys);
        foreach (var part in new[] { "student.", "teacher.", "queue" })
        {
            var difference = Distance(one, two, part, part);
            Assert.True(difference < 1e-5, $"{part}: differs by {difference:g3}");
        }
        // The teacher is nearly where both began, so this is how far the student has come: a wrong gradient would show against it.
        var moved = Distance(one, one, "student.", "teacher.");
        Assert.True(Distance(one, two, "student.", "student.") < 0.02 * moved, $"the student moved by {moved:g3}");
        Assert.Equal(Checkpoint.Describe(Newest("one")).Options with { Data = "" }, Checkpoint.Describe(Newest("two")).Options with { Data = "" });
    }

    [SkippableFact]
    public void When_one_process_is_killed_the_other_ends_with_a_message_and_the_run_resumes()
    {
        SkipWithoutGloo();
        using (var launch = new TrainProcess([.. Two, .. folder.Train("run", "--epochs", "100000", "--save-every", "0")]))
        {
            launch.WaitFor(() => File.Exists(Newest("run")) && Checkpoint.Describe(Newest("run")).Step >= 3);
            var watch = Stopwatch.StartNew();
            TrainProcess.Kill(launch.Children()[1]);
            var (exitCode, error) = launch.Wait();
            Assert.True(exitCode == 137, $"{exitCode}: {error}");
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
            Assert.Matches(@"datassl: process 0, step \d+: another process has ended; [^\n]*--resume[^\n]*\n", error);
            Assert.Equal(1, error.Split("ended with exit code 137").Length - 1);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        var saved = Checkpoint.Describe(Newest("run")).Step;
        using var again = new TrainProcess([.. Two, "train", "--resume", "--out", folder["run"], "--threads", "1", "--save-every", "0"]);
        again.WaitFor(() => Checkpoint.Describe(Newest("run")).Step > saved);
        again.Signal("INT");
        var (code, said) = again.Wait();
        Assert.True(code == 130, said);
        Assert.Contains($"continuing after step {saved:N0} ", said, StringComparison.Ordinal);
        Assert.Contains("interrupted: saved after step", said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_mistake_is_told_once_and_nothing_is_made()
    {
        SkipWithoutGloo();
        foreach (var (word, arguments) in new (string, string[])[]
        {
            ("--norm-groups 3", Batch("12", "--norm-groups", "3")),
            ("--batch 5", Batch("5")),
            ("'train' or 'search'", ["evaluate"]),
        })
        {
            using var launch = new TrainProcess([.. Two, .. arguments]);
            var (exitCode, error) = launch.Wait();
            Assert.True(exitCode == 2, $"{exitCode}: {error}");
            Assert.Equal(1, error.Split('\n').Count(line => line.Contains("datassl: ", StringComparison.Ordinal)));
            Assert.Contains(word, error, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(folder["run"]));

        string[] Batch(string size, params string[] more)
        {
            var given = folder.Train("run", more);
            given[Array.IndexOf(given, "--batch") + 1] = size;
            return given;
        }
    }

    private static void SkipWithoutGloo() => Skip.IfNot(ProcessGroup.IsAvailable(CPU), "libtorch has no Gloo here");

    private static void Succeed(string[] arguments)
    {
        using var process = new TrainProcess(arguments);
        var (exitCode, error) = process.Wait();
        Assert.True(exitCode == 0, error);
    }

    private string Newest(string run) => Path.Combine(folder[run], CheckpointFolder.NewestFile);

    private IReadOnlyDictionary<string, Tensor> Read(string run) => SafeTensors.Read(Newest(run)).Tensors;

    /// <summary>|a - b| / |a| over all tensors whose names begin so.</summary>
    private static double Distance(IReadOnlyDictionary<string, Tensor> a, IReadOnlyDictionary<string, Tensor> b, string ofA, string ofB)
    {
        var names = a.Keys.Where(name => name.StartsWith(ofA, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(names);
        return Math.Sqrt(names.Sum(name => Squares(a[name] - b[ofB + name[ofA.Length..]])) / names.Sum(name => Squares(a[name])));
    }

    private static double Squares(Tensor tensor) => tensor.to(ScalarType.Float64).square().sum().item<double>();
}
