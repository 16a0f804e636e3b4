using System.Diagnostics;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Results;

namespace DataSsl.EndToEnd;

/// <summary>
/// Searches that are killed, and what is in their folder then: every candidate that was scored, no half of a result, and in the end the
/// result of a search that nobody killed.
/// </summary>
public sealed class SearchKillTests : IDisposable
{
    private const string Result = "search.json", Report = "report.html";

    private readonly TrainFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Stream => Path.Combine(folder["search"], ResultStream.FileName);

    [SkippableFact]
    public void A_killed_search_loses_no_candidate_and_ends_with_the_same_result()
    {
        string[] search =
        [
            "search", "--checkpoint", TrainedRuns.Of(1), "--data", TrainedRuns.Images, "--images", "16", "--budgets", "all", "--tasks",
            "classification,segmentation", "--threads", "1",
            "--out", folder["search"],
        ];
        var watch = Stopwatch.StartNew();
        TrainProcess.Succeed(search);
        var whole = (int)watch.ElapsedMilliseconds;
        Directory.Move(folder["search"], folder["whole"]);
        var expected = ResultOf(folder["whole"]);
        var lines = File.ReadAllLines(Path.Combine(folder["whole"], ResultStream.FileName));

        var killed = 0;
        for (var attempt = 0; attempt < Kills.Of(3); attempt++)
        {
            var random = CounterRandom.For((ulong)attempt, "killed search");
            var before = WholeLines();
            // One that has all of its candidates begins anew every other time.
            var resumes = before.Length > 0 && (before.Length < lines.Length || random.Below(2) == 0);
            using (var process = new TrainProcess(resumes ? [.. search, "--resume"] : search))
            {
                switch ((int)random.Below(3))
                {
                    // At any moment, the start included.
                    case 0: Thread.Sleep((int)random.Below(whole)); break;
                    // While candidates are scored.
                    case 1:
                        var some = 1 + (int)random.Below(lines.Length);
                        process.WaitFor(() => WholeLines().Length >= some);
                        break;
                    // While the result is written.
                    default:
                        process.WaitFor(() => WholeLines().Length == lines.Length);
                        Thread.Sleep((int)random.Below(Math.Max(1, whole / 4)));
                        break;
                }
                process.Kill();
                if (process.Wait().ExitCode != 0) killed++;
            }
            var left = WholeLines();
            if (resumes)
                Assert.True(
                    left.AsSpan(0, Math.Min(left.Length, before.Length)).SequenceEqual(before),
                    $"kill {attempt}: candidates that were scored are gone");
            Assert.Subset(lines.ToHashSet(), left.ToHashSet());
            if (File.Exists(Path.Combine(folder["search"], Result))) Assert.Equal(expected, ResultOf(folder["search"]));
            if (Path.Combine(folder["search"], Report) is var report && File.Exists(report))
                Assert.EndsWith("</html>", File.ReadAllText(report).TrimEnd(), StringComparison.Ordinal);
        }
        Assert.True(killed > 0, "no search was killed");
        TrainProcess.Succeed([.. search, "--resume"]);
        Assert.Equal(expected, ResultOf(folder["search"]));
        Assert.Equal(lines.Order(StringComparer.Ordinal), File.ReadAllLines(Stream).Order(StringComparer.Ordinal));
        Assert.Equal(
            [Report, Result, ResultStream.FileName],
            Directory.GetFileSystemEntries(folder["search"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>What a search would go on from: half a last line does not count, and no other damage is there.</summary>
    private string[] WholeLines() => Directory.Exists(folder["search"])
        ? [
            .. JsonLines.Read(Stream)
                .Select(
                    line =>
                        line.IsSealed
                            ? System.Text.Encoding.UTF8.GetString(line.Bytes)
                            : throw new InvalidDataException($"line {line.Number} is damaged"))] : [];

    /// <summary>
    /// The file but for the time that the search took, and the seal that depends on it; a seal that does not fit is an exception.
    /// </summary>
    private static string ResultOf(string of)
    {
        var path = Path.Combine(of, Result);
        SearchResultJson.Read(path);
        var lines = File.ReadAllLines(path);
        var kept = lines.Where(
                line =>
                    !line.StartsWith("  \"elapsedSeconds\":", StringComparison.Ordinal)
                        && !line.StartsWith("  \"seal\":", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(lines.Length - 2, kept.Count);
        return string.Join('\n', kept);
    }
}
