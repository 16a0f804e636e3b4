using DataSsl.Runtime;

namespace DataSsl.EndToEnd;

/// <summary>
/// Emits that are killed, and what is in their folder then: the winner before or the winner after, whole, and nothing that was not proven.
/// </summary>
public sealed class EmitKillTests
{
    private static readonly string[] files = ["Net.cs", "Net.json", "Net.md", "Net.onnx", "Net.safetensors", "NetFolded.cs"];

    [SkippableFact]
    public void A_killed_emit_leaves_nothing_unproven_and_loses_nothing()
    {
        using var folder = new TrainFolder();
        var second = Emitted(folder, 2, "two");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var first = Emitted(folder, 1, "winners");
        var whole = (int)watch.ElapsedMilliseconds;
        Assert.NotEqual(first["Net.safetensors"], second["Net.safetensors"]);
        var killed = 0;
        for (var attempt = 0; attempt < Kills.Of(3); attempt++)
        {
            using var process = new TrainProcess(Emit(folder, 1 + attempt % 2, "winners"));
            var random = CounterRandom.For((ulong)Environment.TickCount64, "kill", attempt);
            // From the first files on to the end; the first is killed with its first files, since the others may end before they are.
            var isFirst = attempt == 0;
            process.WaitFor(
                () => (!isFirst && random.Below(2) == 0) || Directory.Exists(Path.Combine(folder["winners"], "Net.unproven")));
            if (!isFirst) Thread.Sleep((int)random.Below(Math.Max(1, whole)));
            process.Kill();
            if (process.Wait().ExitCode != 0) killed++;
            if (Directory.Exists(Path.Combine(folder["winners"], "Net.earlier"))) continue;
            var now = Contents(folder["winners"]);
            Assert.True(now.SequenceEqual(first) || now.SequenceEqual(second), $"after kill {attempt} the files are of neither");
            // What is planted where a killed process left its files goes nowhere.
            File.WriteAllText(
                Path.Combine(Directory.CreateDirectory(Path.Combine(folder["winners"], "Net.unproven")).FullName, "Net.half.onnx"),
                "planted");
        }
        Assert.True(killed > 0, "no emit was killed");
        Assert.Equal(second, Emitted(folder, 2, "winners"));
        Assert.Empty(Directory.GetDirectories(folder["winners"]));
    }

    private static string[] Emit(TrainFolder folder, int seed, string @out) =>
        [
            "emit", "--checkpoint", TrainedRuns.Of(seed), "--arch", "Min", "--name", "Net", "--images", "4", "--size", "32", "--threads",
            "1", "--out", folder[@out],
        ];

    private static SortedDictionary<string, string> Emitted(TrainFolder folder, int seed, string @out)
    {
        TrainProcess.Succeed(Emit(folder, seed, @out));
        var contents = Contents(folder[@out]);
        Assert.Equal(files, contents.Keys);
        return contents;
    }

    private static SortedDictionary<string, string> Contents(string folder) =>
        new(
            Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexString(File.ReadAllBytes(path))),
            StringComparer.Ordinal);
}
