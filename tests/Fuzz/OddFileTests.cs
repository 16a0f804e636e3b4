using System.Diagnostics;
using DataSsl.Cli.Tests;

namespace DataSsl.Fuzz;

/// <summary>
/// What is no file in the place of each file of a run: a pipe that nobody writes to, a device without an end, links to either and to
/// nothing. No command waits for one or reads on for ever.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class OddFileTests(TrainedRun run)
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    private static readonly (string Kind, Action<string> Put)[] kinds =
    [
        ("a named pipe", MakePipe),
        ("a link to a named pipe", path =>
        {
            if (!Path.Exists(path + ".pipe")) MakePipe(path + ".pipe");
            File.CreateSymbolicLink(path, path + ".pipe");
        }),
        ("a link to a device", path => File.CreateSymbolicLink(path, "/dev/zero")),
        ("a link to nothing", path => File.CreateSymbolicLink(path, path + ".nothing")),
    ];

    /// <param name="read">Files that the verb reads: without them as they are it does not go on.</param>
    [SkippableTheory]
    [InlineData("train", "train.json", "checkpoint.safetensors", "metrics.jsonl", "plan.json")]
    [InlineData("search", "search.jsonl", "latency.json")]
    [InlineData("report", "search.json")]
    [InlineData("emit", "search.json")]
    [InlineData("study", "search.jsonl", "study.jsonl")]
    [InlineData("verdict", "verdict.jsonl")]
    [InlineData("evaluate", "checkpoint.safetensors", "evaluations.jsonl")]
    public void A_command_ends_at_once_whatever_stands_in_a_file_s_place(string verb, params string[] read)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the files are made by Linux's means");
        var (folder, arguments) = Made(verb);
        var names = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).ToList();
        Assert.Empty(read.Except(names));
        var kept = Path.Combine(run.NewFolder(), "kept");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        foreach (var name in names)
            // What is only written is written again in full each time, which takes long.
            foreach (var (kind, put) in read.Contains(name) ? kinds : kinds[..1])
            {
                var path = Path.Combine(folder, name);
                File.Move(path, kept, overwrite: true);
                put(path);
                var clock = Stopwatch.StartNew();
                var refused = Ending.Of($"{verb} with {kind} as {name}", arguments);
                Assert.True(clock.Elapsed < patience, $"{verb} with {kind} as {name} took {clock.Elapsed}");
                if (read.Contains(name))
                    Assert.True(refused?.Contains(name, StringComparison.Ordinal), $"{verb} with {kind} as {name}: {refused ?? "went on"}");
                Assert.False(File.Exists(path + ".nothing"), $"{verb}: a link of the name {name} was followed");
                File.Delete(path);
                File.Move(kept, path);
            }
    }

    /// <summary>A folder with all that a verb leaves or finds there, and the command that reads it again.</summary>
    private (string Folder, string[] Arguments) Made(string verb)
    {
        var (folder, (train, test)) = (run.NewFolder(), run.LabelledSets());
        Directory.CreateDirectory(folder);
        string[] arguments;
        switch (verb)
        {
            case "train":
                string[] small =
                [
                    "--space", "Demo", "--data", run.Data, "--arch", "Min", "--size", "32", "--batch", "8", "--epochs", "1", "--dimension",
                    "16", "--hidden", "32", "--queue", "16", "--compute", "float32", "--threads", "1",
                ];
                Command.Succeed(["plan", .. small, "--probe", "0.1", "--out", folder]);
                Command.Succeed(["train", .. small, "--out", folder]);
                return (folder, ["train", "--resume", "--out", folder]);
            case "search":
                arguments =
                [
                    "search", "--checkpoint", run.Run, "--data", run.Data, "--list", run.Listed(), "--budgets", "latency<=1000ms",
                    "--tasks", "classification", "--images", "4", "--size", "32", "--threads", "1", "--out", folder,
                ];
                break;
            case "study":
                arguments =
                [
                    "study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--list", run.Listed(),
                    "--images", "4", "--size", "32", "--method", "knn", "--k", "3", "--threads", "1", "--out", folder,
                ];
                break;
            case "verdict":
                arguments =
                [
                    "verdict", "--winner", run.Run, "--arch", "Min", "--weights", run.Run, "--data", train, "--test", test, "--size", "32",
                    "--methods", "knn", "--k", "3", "--seeds", "1", "--threads", "1", "--out", folder,
                ];
                break;
            case "evaluate":
                File.Copy(run.Checkpoint, Path.Combine(folder, "checkpoint.safetensors"));
                arguments =
                [
                    "evaluate", "knn", "--checkpoint", folder, "--data", train, "--test", test, "--size", "32", "--k", "3", "--threads",
                    "1",
                ];
                Command.Succeed(arguments);
                return (folder, arguments);
            default:
                File.Copy(run.Result, Path.Combine(folder, "search.json"));
                return (folder, verb == "report" ? ["report", "--search", folder, "--out", run.File("odd-page")]
                    :
                    [
                        "emit", "--search", folder, "--checkpoint", run.Run, "--data", run.Data, "--forms", "class", "--out",
                        run.File("odd-winners"),
                    ]);
        }
        Command.Succeed(arguments);
        return (folder, [.. arguments, "--resume"]);
    }

    private static void MakePipe(string path)
    {
        using var make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }
}
