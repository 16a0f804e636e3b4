using System.Text.Json.Nodes;
using DataSsl.Cli.Tests;
using DataSsl.Runtime.Storage;

namespace DataSsl.Fuzz;

/// <summary>What searches, studies and trainings write, read again.</summary>
[Collection(nameof(TinyCollection))]
public sealed class ResultFileTests(TinyRun run)
{
    [Fact]
    public void A_damaged_result_is_reported_or_refused() => Try("search.json", File.ReadAllBytes(run.Result), 80, (_, file) => ["report", "--search", file, "--out", run.File("fuzz-page")]);

    [Fact]
    public void A_damaged_result_is_emitted_or_refused()
    {
        var folder = run.NewFolder();
        Try("search.json", File.ReadAllBytes(run.Result), 12, (_, file) => ["emit", "--search", file, "--checkpoint", run.Run, "--data", run.Data, "--forms", "class", "--out", folder]);
    }

    [Fact]
    public void A_damaged_list_of_measurements_is_drawn_or_refused()
    {
        byte[] lines = [.. Enumerable.Range(1, 30).SelectMany(i => JsonLines.Sealed(new() { ["step"] = i, ["time"] = 1.5e9, ["epoch"] = 1, ["loss"] = 100.5 / i, ["knn/max"] = 0.5 }))];
        Try("metrics.jsonl", lines, 80, (_, file) => ["report", "--search", run.Result, "--metrics", file, "--out", run.File("fuzz-page")]);
    }

    /// <summary>A search that goes on from a damaged file finds what it would have found, or does not go on.</summary>
    [Fact]
    public void A_damaged_list_of_candidates_is_gone_on_with_to_the_same_result_or_refused()
    {
        var folder = run.NewFolder();
        string[] search = ["search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", run.Budgets, "--tasks", "classification,segmentation", "--images", "8", "--size", "32", "--candidates", "3", "--threads", "1", "--out", folder];
        Command.Succeed(search);
        var expected = Candidates(folder);
        Try("search.jsonl", File.ReadAllBytes(Path.Combine(folder, "search.jsonl")), 24, (seed, file) =>
        {
            File.Copy(file, Path.Combine(folder, "search.jsonl"), overwrite: true);
            return [.. search, "--resume"];
        }, seed => Assert.True(expected == Candidates(folder), $"search.jsonl, seed {seed}: another result was taken for the search's"));

        static string Candidates(string of) => JsonNode.Parse(File.ReadAllText(Path.Combine(of, "search.json")))! is var root ? root["candidates"]!.ToJsonString() + root["winners"]!.ToJsonString() : "";
    }

    [Fact]
    public void A_damaged_study_is_gone_on_with_to_the_same_result_or_refused()
    {
        var (folder, (train, test)) = (run.NewFolder(), run.LabelledSets());
        string[] study = ["study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--subnets", "3", "--images", "8", "--size", "32", "--method", "knn", "--k", "5", "--threads", "1", "--out", folder];
        Command.Succeed(study);
        var expected = Subnets();
        Try("study.jsonl", File.ReadAllBytes(Path.Combine(folder, "study.jsonl")), 8, (_, file) =>
        {
            File.Copy(file, Path.Combine(folder, "study.jsonl"), overwrite: true);
            return [.. study, "--resume"];
        }, seed => Assert.True(expected == Subnets(), $"study.jsonl, seed {seed}: another result was taken for the study's"));

        string Subnets() => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "study.json")))!["subnets"]!.ToJsonString();
    }

    [Fact]
    public void A_damaged_verdict_is_gone_on_with_to_the_same_result_or_refused()
    {
        var (folder, (train, test)) = (run.NewFolder(), run.LabelledSets());
        string[] verdict = ["verdict", "--winner", run.Run, "--arch", "Min", "--weights", run.Run, "--data", train, "--test", test, "--size", "32", "--methods", "knn", "--k", "5", "--seeds", "1", "--threads", "1", "--out", folder];
        Command.Succeed(verdict);
        var expected = Figures();
        Try("verdict.jsonl", File.ReadAllBytes(Path.Combine(folder, "verdict.jsonl")), 6, (_, file) =>
        {
            File.Copy(file, Path.Combine(folder, "verdict.jsonl"), overwrite: true);
            return [.. verdict, "--resume"];
        }, seed => Assert.True(expected == Figures(), $"verdict.jsonl, seed {seed}: another result was taken for the verdict's"));
        // What was written is read for the report.
        Try("verdict.json", File.ReadAllBytes(Path.Combine(folder, "verdict.json")), 40, (_, file) => ["report", "--search", run.Result, "--verdict", file, "--out", run.File("fuzz-page")]);

        string Figures() => string.Join('\n', JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "verdict.json")))!["rows"]!.AsArray().Select(row => row!["figures"]!.ToJsonString()));
    }

    [Fact]
    public void Damaged_times_are_taken_or_refused()
    {
        var folder = run.NewFolder();
        string[] search = ["search", "--checkpoint", run.Run, "--data", run.Data, "--list", run.Listed(), "--budgets", "latency<=1000ms", "--tasks", "classification", "--images", "4", "--size", "32", "--threads", "1", "--out", folder];
        Command.Succeed(search);
        Try("latency.json", File.ReadAllBytes(Path.Combine(folder, "latency.json")), 8, (_, file) =>
        {
            File.Copy(file, Path.Combine(folder, "latency.json"), overwrite: true);
            return [.. search, "--resume"];
        });
    }

    /// <summary>Whatever a list of evaluations has become, what is added to it stands whole behind what was there: only half a last line goes.</summary>
    [Fact]
    public void A_damaged_list_of_evaluations_is_added_to()
    {
        byte[] original = [.. Enumerable.Range(1, 5).SelectMany(i => JsonLines.Sealed(new() { ["time"] = "2026-11-27T23:31:40Z", ["method"] = "knn", ["top1"] = new JsonObject { ["accuracy"] = 1.0 / i, ["right"] = i, ["of"] = 9 } }))];
        var file = Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, "evaluations.jsonl");
        var added = JsonLines.Sealed(new() { ["method"] = "linear" });
        for (var seed = 0; seed < Mutation.Rounds(80); seed++)
        {
            var damaged = seed % 3 == 2 ? Mutation.Sealed(original, lines: true, seed) : Mutation.Of(original, seed);
            File.WriteAllBytes(file, damaged);
            JsonLines.Append(file, new() { ["method"] = "linear" });
            var whole = File.ReadAllBytes(file);
            var lines = damaged.AsSpan(0, damaged.AsSpan().LastIndexOf((byte)'\n') + 1);
            Assert.True(whole.AsSpan().StartsWith(lines) && whole.AsSpan().EndsWith(added), $"evaluations.jsonl, seed {seed}: a line was lost");
            var between = whole.AsSpan(lines.Length, whole.Length - lines.Length - added.Length);
            Assert.True(between.IsEmpty || damaged.AsSpan(lines.Length).SequenceEqual(between[..^1]), $"evaluations.jsonl, seed {seed}: the last line was changed");
        }
    }

    private void Try(string name, byte[] original, int few, Func<int, string, string[]> arguments, Action<int>? ended = null) =>
        Ending.OfEach(Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, name), original, few, arguments, ended);
}
