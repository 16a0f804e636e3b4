using DataSsl.Cli.Tests;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Storage;

namespace DataSsl.Fuzz;

/// <summary>
/// Files that cannot be written on, each at many places in it: the command ends with one line that names the file, and what it leaves is
/// whole.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class FileLimitTests(TrainedRun run)
{
    /// <summary>Sizes in bytes that stop every kind of file in its beginning, its midst or shortly before its end.</summary>
    private static readonly long[] limits = [0, 300, 700, 1500, 4000, 15_000, 40_000, 120_000];

    [SkippableTheory]
    [InlineData("train")]
    [InlineData("train --cache")]
    [InlineData("plan")]
    [InlineData("search")]
    [InlineData("report")]
    [InlineData("study")]
    [InlineData("emit")]
    [InlineData("evaluate")]
    public void A_command_that_cannot_write_a_file_names_it_and_leaves_nothing_half_written(string verb)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is set by Linux's means");
        var (stopped, stops) = (new HashSet<string>(), 0);
        foreach (var limit in limits)
        {
            var folder = Directory.CreateDirectory(run.NewFolder()).FullName;
            var arguments = Arguments(verb, folder);
            Command ended;
            using (new FileLimit(limit)) ended = Command.Run(arguments);
            var what = $"{verb}, files of {limit} bytes";
            Whole(what, folder);
            // The largest of its files has room.
            if (ended.ExitCode == 0) break;
            Assert.True(ended.ExitCode == 1, $"{what} ended with {ended.ExitCode}: {ended.Error}");
            var lines = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(
                lines[^1].StartsWith("datassl: ", StringComparison.Ordinal)
                    && lines[^1].Contains(": cannot be written (", StringComparison.Ordinal)
                    && lines[^1].Contains("make room", StringComparison.Ordinal),
                $"{what}: {ended.Error}");
            stopped.Add(Path.GetFileName(lines[^1]["datassl: ".Length..lines[^1].IndexOf(": cannot", StringComparison.Ordinal)]));
            stops++;
            // What was measured is told all the same.
            if (verb == "evaluate") Assert.StartsWith("knn accuracy of Max", ended.Output, StringComparison.Ordinal);
        }
        Assert.True(stops > 0 && Written(verb).All(stopped.Contains), $"{verb}: only {string.Join(", ", stopped)} could not be written");
    }

    /// <summary>A line that is added is there whole or not at all, and so is what was there before.</summary>
    [SkippableFact]
    public void A_line_that_has_no_room_is_not_begun()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is set by Linux's means");
        var path = Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, "lines.jsonl");
        JsonLines.Append(path, new() { ["a"] = 1 });
        var whole = File.ReadAllBytes(path);
        // With half a line behind it, as a killed process leaves: that goes, and nothing takes its place.
        foreach (var before in new byte[][] { whole, [.. whole, .. "{\"half"u8] })
            for (var limit = 0L; limit < 2 * whole.Length; limit += 7)
            {
                File.WriteAllBytes(path, before);
                IOException error;
                using (new FileLimit(limit)) error = Assert.Throws<IOException>(() => JsonLines.Append(path, new() { ["a"] = 22 }));
                Assert.StartsWith($"{path}: cannot be written (", error.Message, StringComparison.Ordinal);
                Assert.Equal(whole, File.ReadAllBytes(path));
            }
        // One that lacks but its end.
        File.WriteAllBytes(path, whole[..^1]);
        using (new FileLimit(whole.Length - 1)) Assert.Throws<IOException>(() => JsonLines.Append(path, new() { ["a"] = 22 }));
        Assert.Equal(whole[..^1], File.ReadAllBytes(path));
    }

    /// <summary>Pictures are painted side by side: of all that cannot be written one is told, as it is.</summary>
    [SkippableFact]
    public void Pictures_that_have_no_room_are_told_in_one_line()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is set by Linux's means");
        var folder = run.NewFolder();
        Command ended;
        using (new FileLimit(100)) ended = Command.Run("demo", "--out", folder);
        Assert.Equal(1, ended.ExitCode);
        Assert.Matches(@"\Adatassl: [^\n]+\.jpg: cannot be written \([^\n]+\n\z", string.Join('\n', ended.Error.Split('\n')[1..]));
        Assert.Empty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
    }

    /// <summary>Measurements of a run, and the same as events: a run that is stopped so goes on from whole ones.</summary>
    [SkippableFact]
    public void Measurements_that_have_no_room_are_not_begun()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is set by Linux's means");
        var stopped = new HashSet<string>();
        for (var limit = 0L; limit < 2000; limit += 41)
        {
            var folder = Directory.CreateDirectory(run.NewFolder()).FullName;
            using (new FileLimit(limit))
            {
                var error = Assert.Throws<IOException>(() =>
                {
                    using var log = new MetricsLog(folder, 0);
                    for (var step = 1; step < 100; step++) log.Write(step, [("loss", step)]);
                });
                Assert.Matches(@"\A[^\n]+: cannot be written \([^\n]+\z", error.Message);
                stopped.Add(Path.GetFileName(error.Message[..error.Message.IndexOf(": cannot", StringComparison.Ordinal)]));
            }
            Whole($"measurements, files of {limit} bytes", folder);
            var events = File.ReadAllBytes(Path.Combine(folder, MetricsLog.EventFileName));
            // A record is its length, two sums and what it says.
            var place = 0;
            while (place < events.Length) place += sizeof(long) + 2 * sizeof(uint) + (int)BitConverter.ToInt64(events, place);
            Assert.Equal(events.Length, place);
        }
        Assert.Equal([MetricsLog.EventFileName, MetricsLog.FileName], stopped.Order(StringComparer.Ordinal));
    }

    /// <summary>What a verb must have been stopped at, by one limit or another.</summary>
    private static string[] Written(string verb) => verb switch
    {
        "train" => ["train.json", "checkpoint.safetensors"],
        // Its probe's; the plan itself is smaller.
        "plan" => ["train.json", "checkpoint.safetensors"],
        "search" => ["search.jsonl", "search.json", "report.html"],
        "report" => ["report.html"],
        "study" => ["study.jsonl", "search.jsonl", "search.json", "report.html"],
        "emit" => ["FuzzLimit.safetensors"],
        "evaluate" => ["evaluations.jsonl"],
        _ => [],
    };

    private string[] Arguments(string verb, string folder)
    {
        var (train, test) = run.LabelledSets();
        string[] small =
        [
            "--space", "Demo", "--data", run.Data, "--arch", "Min", "--size", "32", "--batch", "8", "--dimension", "16", "--hidden", "32",
            "--queue", "16", "--compute", "float32", "--threads", "1", "--out", folder,
        ];
        return verb switch
        {
            "train" => ["train", .. small, "--epochs", "1"],
            "train --cache" => ["train", .. small, "--epochs", "1", "--cache", Path.Combine(folder, "cache")],
            "plan" => ["plan", .. small, "--epochs", "1", "--probe", "0.1"],
            "search" =>
                [
                    "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--tasks", "classification", "--images",
                    "4", "--size", "32", "--candidates", "3", "--threads", "1", "--out", folder,
                ],
            "report" => ["report", "--search", run.Result, "--out", folder],
            "study" =>
                [
                    "study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--list", run.Listed(),
                    "--images", "4", "--size", "32", "--method", "knn", "--k", "3", "--threads", "1", "--out", folder,
                ],
            "emit" =>
                [
                    "emit", "--checkpoint", run.Run, "--data", run.Data, "--images", "4", "--size", "32", "--arch", "Min", "--name",
                    "FuzzLimit", "--out", folder,
                ],
            _ =>
                [
                    "evaluate", "knn", "--checkpoint", run.Run, "--data", train, "--test", test, "--size", "32", "--k", "3", "--threads",
                    "1", "--out", folder,
                ],
        };
    }

    /// <summary>Every file is what its kind is, to its end.</summary>
    private static void Whole(string what, string folder)
    {
        foreach (var file in
            Directory.GetFiles(
                folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var bytes = File.ReadAllBytes(file);
            var whole = Path.GetExtension(file) switch
            {
                ".jsonl" => bytes is [] or [.., (byte)'\n'] && JsonLines.Read(file).All(line => line.IsSealed),
                ".json" => bytes is [.., (byte)'\n'],
                ".safetensors" => SafeTensors.IsChecked(file),
                ".html" => bytes.AsSpan().TrimEnd((byte)'\n').EndsWith("</html>"u8),
                ".cs" => bytes is [.., (byte)'\n'],
                ".yaml" or ".md" or ".onnx" or ".images" => bytes.Length > 0,
                _ => !file.EndsWith(".partial", StringComparison.Ordinal),
            };
            Assert.True(whole, $"{what}: {file} is not whole");
            if (file.EndsWith(".safetensors", StringComparison.Ordinal)) SafeTensors.Verify(file);
        }
    }
}
