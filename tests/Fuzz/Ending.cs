using System.Diagnostics;
using System.Text.RegularExpressions;
using DataSsl.Cli.Tests;

namespace DataSsl.Fuzz;

/// <summary>How a command that was given a damaged file may end: well, or with one line that refuses it; within a minute.</summary>
internal static partial class Ending
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command in this process. What it says, if it refused; null if it ended well.</summary>
    public static string? Of(string what, params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        var run = Task.Run(() => Command.Run(arguments));
        if (!run.Wait(Patience))
            Environment.FailFast($"{what}: {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s");
        var (code, error) = (run.Result.ExitCode, run.Result.Error);
        Assert.True(
            code is 0 or 2, $"{what}: {string.Join(' ', arguments)} ended with {code} after {clock.ElapsedMilliseconds} ms: {error}");
        if (code == 0) return null;
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // 'space check' speaks as a compiler does, one line a mistake; every other command ends with its one line, after what it skipped.
        var refusals = lines.Where(l => l.StartsWith("datassl: ", StringComparison.Ordinal) || Diagnostic().IsMatch(l)).ToList();
        Assert.True(
            refusals.Count > 0 && refusals[^1] == lines[^1] && (refusals.Count == 1 || refusals.All(Diagnostic().IsMatch)),
            $"{what}: no single line refuses it: {error}");
        return refusals[^1];
    }

    /// <summary>
    /// Runs a command over and over, each time with another damage to a file: it ends well, or with a line that names the file, and some
    /// damage is seen.
    /// </summary>
    /// <param name="file">Where each damaged file is written.</param>
    /// <param name="few">How many, but in a long run (<see cref="Mutation.Rounds"/>).</param>
    /// <param name="arguments">The command's, by the damage's seed and the file.</param>
    /// <param name="ended">Called with the seed of each that ended well.</param>
    /// <param name="reader">What the command reads the file with; null where the command itself is quick enough for every damage.</param>
    public static void OfEach(
        string file, byte[] original, int few, Func<int, string, string[]> arguments, Action<int>? ended = null, Reader? reader = null)
    {
        var (name, refused) = (Path.GetFileName(file), 0);
        File.WriteAllBytes(file, original);
        reader?.Begin(file);
        for (var seed = Mutation.First; seed < Mutation.Rounds(few); seed++)
        {
            // Of three one is sealed, of files that have a seal: it may be another sound result, or be found wrong beside another file.
            var isSealed = seed % 3 == 2 && Path.GetExtension(name).StartsWith(".json", StringComparison.Ordinal);
            var damaged = isSealed
                ? Mutation.Sealed(original, name.EndsWith(".jsonl", StringComparison.Ordinal), seed)
                : Mutation.Of(original, seed);
            File.WriteAllBytes(file, damaged);
            var (isCalledFor, why) = reader?.Read($"{name}, seed {seed}", file, seed) ?? (true, null);
            if (why is not null) refused++;
            if (!isCalledFor) continue;
            // A reader may have mended it.
            File.WriteAllBytes(file, damaged);
            var line = Of($"{name}, seed {seed}", arguments(seed, file));
            Assert.True(why is null || line is not null, $"{name}, seed {seed}: the command went on from what its reader refuses: {why}");
            if (line is not null)
            {
                refused++;
                if (!isSealed) Assert.Contains(name, line, StringComparison.Ordinal);
            }
            else if (!isSealed) ended?.Invoke(seed);
        }
        Assert.True(refused > 0, "no damage was seen");
    }

    [GeneratedRegex(@": (error|warning) DSG\d+: ")]
    private static partial Regex Diagnostic();
}
