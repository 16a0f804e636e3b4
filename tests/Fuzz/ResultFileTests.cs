using System.Text.Json.Nodes;
using DataSsl.Cli.Tests;
using DataSsl.Jobs.Study;
using DataSsl.Jobs.Verdict;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using Xunit.Abstractions;

namespace DataSsl.Fuzz;

/// <summary>What searches, studies and trainings write, read again.</summary>
[Collection(nameof(TinyCollection))]
public sealed class ResultFileTests(TinyRun run, ITestOutputHelper output)
{
    [Fact]
    public void A_damaged_result_is_reported_or_refused() =>
        Try("search.json", File.ReadAllBytes(run.Result), 80, (_, file) => ["report", "--search", file, "--out", run.File("fuzz-page")]);

    [Fact]
    public void A_damaged_result_is_emitted_or_refused()
    {
        var folder = run.NewFolder();
        Try(
            "search.json", File.ReadAllBytes(run.Result), 12,
            (_, file) => ["emit", "--search", file, "--checkpoint", run.Run, "--data", run.Data, "--forms", "class", "--out", folder]);
    }

    [Fact]
    public void A_damaged_list_of_measurements_is_drawn_or_refused()
    {
        byte[] lines =
        [
            .. Enumerable.Range(1, 30)
                .SelectMany(
                    i =>
                        JsonLines.Sealed(new() { ["step"] = i, ["time"] = 1.5e9, ["epoch"] = 1, ["loss"] = 100.5 / i, ["knn/max"] = 0.5 })),
        ];
        Try("metrics.jsonl", lines, 80, (_, file) => ["report", "--search", run.Result, "--metrics", file, "--out", run.File("fuzz-page")]);
    }

    /// <summary>A search that goes on from a damaged file finds what it would have found, or does not go on.</summary>
    [Fact]
    public void A_damaged_list_of_candidates_is_gone_on_with_to_the_same_result_or_refused()
    {
        var folder = run.NewFolder();
        string[] search =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", run.Budgets, "--tasks", "classification,segmentation",
            "--images", "8", "--size", "32", "--candidates", "3", "--threads", "1", "--out", folder,
        ];
        Command.Succeed(search);
        var expected = Candidates(folder);
        var identity = Identity(Path.Combine(folder, "search.jsonl"));
        var reader = new Reader(
            path => ResultStream.Read(path, identity, TinyRun.Space, identity["tasks"].Split(','), int.Parse(identity["units of images"]))
            .Select(found => $"{found.Architecture}: {string.Join(' ', found.Scored.Scores)}; {string.Join(' ', found.Scored.Units)}"));
        Try("search.jsonl", File.ReadAllBytes(Path.Combine(folder, "search.jsonl")), 200, (seed, file) =>
        {
            File.Copy(file, Path.Combine(folder, "search.jsonl"), overwrite: true);
            return [.. search, "--resume"];
        }, seed =>
            Assert.True(expected == Candidates(folder), $"search.jsonl, seed {seed}: another result was taken for the search's"), reader);

        static string Candidates(string of) =>
            JsonNode.Parse(File.ReadAllText(Path.Combine(of, "search.json")))! is var root
                ? root["candidates"]!.ToJsonString() + root["winners"]!.ToJsonString()
                : "";
    }

    [Fact]
    public void A_damaged_study_is_gone_on_with_to_the_same_result_or_refused()
    {
        var (folder, (train, test)) = (run.NewFolder(), run.LabelledSets());
        string[] study =
        [
            "study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--subnets", "3", "--images", "8",
            "--size", "32", "--method", "knn", "--k", "5", "--threads", "1", "--out", folder,
        ];
        Command.Succeed(study);
        var expected = Subnets();
        var (studied, identity) = (Path.Combine(folder, "study.jsonl"), Identity(Path.Combine(folder, "study.jsonl")));
        List<Runtime.Supernets.Architecture> subnets =
        [
            .. Entries(studied).Select(line => TinyRun.Space.Parse((string)line["architecture"]!)),
        ];
        var tests = (int)Entries(studied).First()["top1"]!["of"]!;
        using var bootstrap = new Bootstrap(tests, seed: 0);
        var reader = new Reader(path =>
        {
            var known = StudyFile.Open(
                Path.GetDirectoryName(path)!, TinyRun.Space, identity, resume: true, line => AccuracyLabels.Read(line, tests, bootstrap));
            return subnets.Where(a => known.Of(a) is not null).Select(a => $"{a}: {string.Join(' ', known.Of(a)!.Chances)}");
        });
        Try("study.jsonl", File.ReadAllBytes(studied), 200, (_, file) =>
        {
            File.Copy(file, Path.Combine(folder, "study.jsonl"), overwrite: true);
            return [.. study, "--resume"];
        }, seed => Assert.True(expected == Subnets(), $"study.jsonl, seed {seed}: another result was taken for the study's"), reader);

        string Subnets() => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "study.json")))!["subnets"]!.ToJsonString();
    }

    [Fact]
    public void A_damaged_verdict_is_gone_on_with_to_the_same_result_or_refused()
    {
        var (folder, (train, test)) = (run.NewFolder(), run.LabelledSets());
        string[] verdict =
        [
            "verdict", "--winner", run.Run, "--arch", "Min", "--weights", run.Run, "--data", train, "--test", test, "--size", "32",
            "--methods", "knn", "--k", "5", "--seeds", "1", "--threads", "1", "--out", folder,
        ];
        Command.Succeed(verdict);
        var expected = Figures();
        var measured = Path.Combine(folder, "verdict.jsonl");
        var (identity, lines) = (Identity(measured), Entries(measured));
        List<VerdictCell> cells =
        [
            .. lines.Where(line => line["network"] is not null)
                .Select(
                    line =>
                        new VerdictCell((string)line["network"]!, (string)line["method"]!, (int)line["labelled"]!, (long)line["seed"]!)),
        ];
        var timed = lines.Single(line => line["machine"] is not null);
        var reader = new Reader(path =>
        {
            var known = VerdictFile.Open(Path.GetDirectoryName(path)!, int.Parse(identity["test count"]), identity, resume: true);
            var times = known.Times((string)timed["machine"]!, timed["networks"]!.AsArray().Select(name => (string)name!));
            return cells.Where(cell => known.Of(cell) is not null).Select(cell => $"{cell}: {string.Join(' ', known.Of(cell)!)}")
                .Concat(times is null ? [] : [string.Join(' ', times)]);
        });
        Try("verdict.jsonl", File.ReadAllBytes(measured), 200, (_, file) =>
        {
            File.Copy(file, Path.Combine(folder, "verdict.jsonl"), overwrite: true);
            return [.. verdict, "--resume"];
        }, seed => Assert.True(expected == Figures(), $"verdict.jsonl, seed {seed}: another result was taken for the verdict's"), reader);
        // What was written is read for the report.
        Try(
            "verdict.json", File.ReadAllBytes(Path.Combine(folder, "verdict.json")), 40,
            (_, file) => ["report", "--search", run.Result, "--verdict", file, "--out", run.File("fuzz-page")]);

        string Figures() =>
            string.Join(
                '\n',
                JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "verdict.json")))!["rows"]!.AsArray()
                    .Select(row => row!["figures"]!.ToJsonString()));
    }

    [Fact]
    public void Damaged_times_are_taken_or_refused()
    {
        var (folder, list) = (run.NewFolder(), run.File("fuzz-one.txt"));
        // One, since what a damage takes away is timed anew.
        File.WriteAllText(list, "Min\n");
        string[] search =
        [
            "search", "--checkpoint", run.Run, "--data", run.Data, "--list", list, "--budgets", "latency<=1000ms", "--tasks",
            "classification", "--images", "4", "--size", "32", "--threads", "1", "--out", folder,
        ];
        Command.Succeed(search);
        var (times, of) = (Path.Combine(folder, "latency.json"),
            (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "latency.json")))!["of"]!);
        var identity = of.ToDictionary(entry => entry.Key, entry => (string)entry.Value!);
        var reader = new Reader(
            path =>
                LatencyFile.Open(path, identity) is var known
                    ? known.Blocks.Concat(known.Whole).Select(time => $"{time.Key}: {time.Value:R}")
                    : []);
        Try("latency.json", File.ReadAllBytes(times), 24, (_, file) =>
        {
            File.Copy(file, times, overwrite: true);
            return [.. search, "--resume"];
        }, reader: reader);
    }

    /// <summary>
    /// Whatever a list of evaluations has become, what is added to it stands whole behind what was there: only half a last line goes.
    /// </summary>
    [Fact]
    public void A_damaged_list_of_evaluations_is_added_to()
    {
        byte[] original =
        [
            .. Enumerable.Range(1, 5)
                .SelectMany(
                    i =>
                        JsonLines.Sealed(
                            new()
                            {
                                ["time"] = "2026-11-27T23:31:40Z",
                                ["method"] = "knn",
                                ["top1"] = new JsonObject { ["accuracy"] = 1.0 / i, ["right"] = i, ["of"] = 9 },
                            })),
        ];
        var file = Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, "evaluations.jsonl");
        var added = JsonLines.Sealed(new() { ["method"] = "linear" });
        for (var seed = 0; seed < Mutation.Rounds(80); seed++)
        {
            var damaged = seed % 3 == 2 ? Mutation.Sealed(original, lines: true, seed) : Mutation.Of(original, seed);
            File.WriteAllBytes(file, damaged);
            JsonLines.Append(file, new() { ["method"] = "linear" });
            var whole = File.ReadAllBytes(file);
            var lines = damaged.AsSpan(0, damaged.AsSpan().LastIndexOf((byte)'\n') + 1);
            Assert.True(
                whole.AsSpan().StartsWith(lines) && whole.AsSpan().EndsWith(added), $"evaluations.jsonl, seed {seed}: a line was lost");
            var between = whole.AsSpan(lines.Length, whole.Length - lines.Length - added.Length);
            Assert.True(
                between.IsEmpty || damaged.AsSpan(lines.Length).SequenceEqual(between[..^1]),
                $"evaluations.jsonl, seed {seed}: the last line was changed");
        }
    }

    private void Try(
        string name, byte[] original, int few, Func<int, string, string[]> arguments, Action<int>? ended = null, Reader? reader = null)
    {
        Ending.OfEach(Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, name), original, few, arguments, ended, reader);
        if (reader is not null) output.WriteLine($"{name}: {reader.Refused} refused by its reader, {reader.Doubts} read as something else");
    }

    /// <summary>The lines of a sound file after the first.</summary>
    private static List<JsonObject> Entries(string path) => [.. JsonLines.Read(path).Skip(1).Select(line => line.Entry!)];

    /// <summary>What a sound file's first line says that it is of.</summary>
    private static Dictionary<string, string> Identity(string path) =>
        JsonLines.Read(path).First().Entry!.Where(entry => entry.Key != "seal")
            .ToDictionary(entry => entry.Key, entry => (string)entry.Value!);
}
