using System.Diagnostics;
using System.Text.RegularExpressions;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd;

/// <summary><c>launch</c>: two real processes that train together.</summary>
public sealed class LaunchTests : IDisposable
{
    private static readonly string[] Two = ["launch", "--nproc", "2", "--"];
    private readonly TrainFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// In 32 bits and at a rate that does not amplify rounding: one thread and two differ as much as one process and two do.
    /// </summary>
    [SkippableFact]
    public void Two_processes_with_half_the_batch_each_make_the_steps_of_one_with_the_whole()
    {
        NeedMpi();
        string[] Tiny(string name) =>
        [
            "train", "--space-file", Path.Combine(AppContext.BaseDirectory, "tiny.space.yaml"), "--space", "Tiny", "--data", folder.Images,
            "--out", folder[name], "--batch", "16", "--epochs", "20",
            "--hidden", "16", "--rate", "1e-4", "--compute", "float32", "--norm-groups", "1", "--threads", "1",
        ];
        TrainProcess.Succeed(Tiny("one"));
        TrainProcess.Succeed([.. Two, .. Tiny("two")]);

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
        Assert.Equal(
            Checkpoint.Describe(Newest("one")).Options with { Data = "" }, Checkpoint.Describe(Newest("two")).Options with { Data = "" });

        // Strangers at every port of the group change nothing: neither those who come as soon as there is one, nor while the processes
        // meet, nor while they train.
        using (var launch = new TrainProcess([.. Two, .. Tiny("disturbed")]))
        {
            launch.WaitFor(() => launch.Children().Length == 1);
            using var first = Until(launch, () => new(launch.Children(), 100));
            launch.WaitFor(() => launch.Ranks().Length == 2);
            using var joining = new Strangers([launch.Children()[0], .. launch.Ranks()]);
            launch.WaitFor(() => HasMet(launch));
            Thread.Sleep(500);
            using var training = new Strangers([launch.Children()[0], .. launch.Ranks()]);
            Thread.Sleep(1000);
            Assert.True(joining.Listening > 0 && training.Listening > 0);
            // On a busy machine those who come while the processes join may be there before a port is closed: they are shown out, and what
            // is trained is the same.
            Assert.Equal(0, training.Heard);
            var (exitCode, error) = launch.Wait();
            Assert.True(exitCode == 0, error);
        }
        var disturbed = Read("disturbed");
        foreach (var (name, tensor) in two) Assert.True(tensor.bytes.SequenceEqual(disturbed[name].bytes), name);
    }

    private static Strangers Until(TrainProcess launch, Func<Strangers> come)
    {
        var strangers = come();
        launch.WaitFor(() =>
        {
            if (strangers.Listening > 0) return true;
            strangers.Dispose();
            strangers = come();
            return false;
        });
        return strangers;
    }

    [SkippableFact]
    public void When_one_process_is_killed_the_other_ends_with_a_message_and_the_run_resumes()
    {
        NeedMpi();
        using (var launch = new TrainProcess([.. Two, .. folder.Train("run", "--epochs", "100000", "--save-every", "0")]))
        {
            launch.WaitFor(() => File.Exists(Newest("run")) && Checkpoint.Describe(Newest("run")).Step >= 3);
            var watch = Stopwatch.StartNew();
            TrainProcess.Kill(launch.Ranks()[1]);
            var (exitCode, error) = launch.Wait();
            Assert.True(exitCode == 137, $"{exitCode}: {error}");
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
            Assert.Contains("datassl: process 1 was ended by signal 9", OnlyMessage(error), StringComparison.Ordinal);
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
        NeedMpi();
        foreach (var (word, arguments) in new (string, string[])[]
        {
            ("--norm-groups 3", Batch("run", "12", "--norm-groups", "3")),
            ("--batch 5", Batch("run", "5")),
            ("'train', 'search' or 'survey'", ["evaluate"]),
        })
        {
            using var launch = new TrainProcess([.. Two, .. arguments]);
            var (exitCode, error) = launch.Wait();
            Assert.True(exitCode == 2, $"{exitCode}: {error}");
            Assert.Equal(1, error.Split('\n').Count(line => line.Contains("datassl: ", StringComparison.Ordinal)));
            Assert.Contains(word, error, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(folder["run"]));
    }

    /// <summary>An empty file in the library's place is as good as none.</summary>
    [SkippableFact]
    public void Without_Open_MPI_several_processes_say_what_to_install_and_one_does_without()
    {
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(folder["none"]).FullName, "libmpi.so.40"), []);
        var hidden = $"LD_LIBRARY_PATH={folder["none"]}";
        foreach (var (missing, arguments, variables) in new (string, string[], string[])[]
        {
            ("mpirun is missing", [.. Two, .. folder.Train("run")], [$"PATH={folder["none"]}"]),
            ("libmpi.so.40 is missing", folder.Train("run"), [hidden, "OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=2"]),
        })
        {
            using var several = new TrainProcess(arguments, variables: variables);
            var (exitCode, error) = several.Wait();
            Assert.True(exitCode == 2, $"{exitCode}: {error}");
            Assert.Contains(missing, OnlyMessage(error), StringComparison.Ordinal);
            Assert.Contains("apt install openmpi-bin", error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder["run"]));
        }
        using var one = new TrainProcess(folder.Train("run", "--epochs", "1"), variables: [hidden]);
        var (code, said) = one.Wait();
        Assert.True(code == 0 && Checkpoint.Describe(Newest("run")).Step == 4, said);
    }

    internal static void NeedMpi() => Needed.If(MpiInfo.Version is not null, MpiInfo.Mend);

    /// <summary>
    /// Whatever a process does when another is stopped, all end within 30 s with one line that names the right one. One of the two in each
    /// phase; in a long run each of them in each.
    /// </summary>
    [SkippableFact]
    public async Task A_stopped_process_ends_all_in_every_phase()
    {
        NeedMpi();
        for (var turn = 0; turn < Kills.Of(1) && turn < 2; turn++)
        {
            string[] Train(string phase, params string[] more) => folder.Train($"{phase}{turn}", ["--epochs", "100000", .. more]);
            string Run(string phase) => folder[$"{phase}{turn}"];
            Task Stop(int rank, string[] arguments, Func<TrainProcess, bool> when) =>
                Task.Run(() => Stopped([.. Two, .. arguments], turn == 0 ? rank : 1 - rank, when));
            await Task.WhenAll(
                Stop(1, Train("joining"), launch => launch.Ranks().Length == 2),
                Stop(1, Train("loading"), HasMet),
                Stop(0, Train("training", "--save-every", "0"), _ => File.Exists(Newest(Run("training")))),
                // An epoch is a step, so that nearly all of the time the first process evaluates and the other waits.
                Stop(
                    0, Batch($"evaluating{turn}", "16", "--epochs", "100000", "--evaluate-every", "1", "--online-probe"),
                    _ => IsEvaluating(Run("evaluating"))),
                Stop(1, Search($"search{turn}"), _ => IsSearching(Run("search"))));
            Assert.True(Checkpoint.Describe(Newest(Run("training"))).Step > 0);
        }
    }

    private static void Stopped(string[] arguments, int rank, Func<TrainProcess, bool> when)
    {
        using var launch = new TrainProcess(arguments);
        launch.WaitFor(() => when(launch));
        var ranks = launch.Ranks();
        TrainProcess.Signal(ranks[rank], "STOP");
        var watch = Stopwatch.StartNew();
        var (exitCode, error) = launch.Wait();
        Assert.True(exitCode == 1, $"{exitCode}: {error}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{watch.Elapsed}: {error}");
        Assert.Contains($"process {rank} ", OnlyMessage(error), StringComparison.Ordinal);
        Assert.All(ranks, id => Assert.False(TrainProcess.IsRunning(id)));
    }

    [SkippableFact]
    public async Task When_the_launcher_is_killed_no_process_stays()
    {
        NeedMpi();
        string[] Train(string name) => folder.Train(name, "--epochs", "100000", "--save-every", "0");
        await Task.WhenAll(
            Task.Run(() => Killed([.. Two, .. Train("joining")], launch => launch.Ranks().Length == 2)),
            Task.Run(() => Killed([.. Two, .. Train("training")], _ => File.Exists(Newest("training")))),
            Task.Run(() => Killed([.. Two, .. Train("between")], _ => File.Exists(Newest("between")), between: true)),
            Task.Run(() => Killed([.. Two, .. Search("search")], _ => IsSearching(folder["search"]))));
        Assert.True(Checkpoint.Describe(Newest("training")).Step > 0);
    }

    /// <param name="between">Whether what is killed is mpirun, between the command and its processes.</param>
    private static void Killed(string[] arguments, Func<TrainProcess, bool> when, bool between = false)
    {
        using var launch = new TrainProcess(arguments);
        launch.WaitFor(() => when(launch));
        int[] all = [launch.Children()[0], .. launch.Ranks()];
        Assert.Equal(3, all.Length);
        if (between) TrainProcess.Kill(all[0]);
        else launch.Kill();
        var watch = Stopwatch.StartNew();
        while (all.Any(TrainProcess.IsRunning) && watch.Elapsed < TimeSpan.FromSeconds(30)) Thread.Sleep(100);
        Assert.All(all, id => Assert.False(TrainProcess.IsRunning(id)));
    }

    /// <summary>
    /// Be it to one process or to the launcher; and what it says to go on with runs as it stands, again in as many processes.
    /// </summary>
    [SkippableTheory]
    [InlineData("train", "TERM", false, 143)]
    [InlineData("search", "TERM", false, 143)]
    [InlineData("train", "USR1", true, 143)]
    [InlineData("train", "HUP", true, 129)]
    public void A_signal_ends_all_in_good_order(string verb, string signal, bool toLauncher, int expected)
    {
        NeedMpi();
        var train = verb == "train";
        using var launch = new TrainProcess(
            [.. Two, .. train ? folder.Train("run", "--epochs", "100000", "--save-every", "0") : Search("run")]);
        launch.WaitFor(() => train ? File.Exists(Newest("run")) : IsSearching(folder["run"]));
        if (toLauncher) launch.Signal(signal);
        else TrainProcess.Signal(launch.Ranks()[1], signal);
        var (exitCode, error) = launch.Wait();
        Assert.True(exitCode == expected, $"{exitCode}: {error}");
        Assert.DoesNotContain("datassl: ", error, StringComparison.Ordinal);
        var hint = Regex.Match(error, @"interrupted: [^\n]*continue with: datassl (launch --nproc 2 -- [^\n']*--resume[^\n']*)\n");
        Assert.True(hint.Success, error);
        string[] words = hint.Groups[1].Value.Split(' ');
        if (!train)
        {
            TrainProcess.Succeed(words);
            Assert.True(File.Exists(Path.Combine(folder["run"], "search.json")));
            return;
        }
        var saved = Checkpoint.Describe(Newest("run")).Step;
        using var again = new TrainProcess(words);
        again.WaitFor(() => Checkpoint.Describe(Newest("run")).Step > saved);
        again.Signal("INT");
        Assert.Contains($"continuing after step {saved:N0} ", again.Wait().Error, StringComparison.Ordinal);
    }

    /// <summary>MPI comes first, libtorch is loaded after it.</summary>
    private static bool HasMet(TrainProcess launch) =>
        launch.Ranks() is { Length: 2 } ranks && ranks.All(id => TrainProcess.Maps(id).Contains("libtorch_cpu", StringComparison.Ordinal));

    private static bool IsEvaluating(string run) =>
        JsonLines.Read(Path.Combine(run, MetricsLog.FileName)).Any(line => line.Entry?["knn/max"] is not null);

    private static bool IsSearching(string run) =>
        Directory.Exists(run) && Directory.GetFiles(run, "search*.jsonl").Any(path => new FileInfo(path).Length > 2000);

    private static string OnlyMessage(string error) =>
        Assert.Single(error.Split('\n'), line => line.Contains("datassl: ", StringComparison.Ordinal));

    /// <summary>A search that takes a while.</summary>
    private string[] Search(string @out) =>
        [
            "search", "--checkpoint", TrainedRuns.Of(1), "--data", TrainedRuns.Images, "--images", "16", "--budgets", "all", "--threads",
            "1", "--out", folder[@out],
        ];

    private string[] Batch(string @out, string size, params string[] more)
    {
        var given = folder.Train(@out, more);
        given[Array.IndexOf(given, "--batch") + 1] = size;
        return given;
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
