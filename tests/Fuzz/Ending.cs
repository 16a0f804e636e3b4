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
        if (!run.Wait(Patience)) Environment.FailFast($"{what}: {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s");
        var (code, error) = (run.Result.ExitCode, run.Result.Error);
        Assert.True(code is 0 or 2, $"{what}: {string.Join(' ', arguments)} ended with {code} after {clock.ElapsedMilliseconds} ms: {error}");
        if (code == 0) return null;
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // 'space check' speaks as a compiler does, one line a mistake; every other command ends with its one line, after what it skipped.
        var refusals = lines.Where(l => l.StartsWith("datassl: ", StringComparison.Ordinal) || Diagnostic().IsMatch(l)).ToList();
        Assert.True(refusals.Count > 0 && refusals[^1] == lines[^1] && (refusals.Count == 1 || refusals.All(Diagnostic().IsMatch)), $"{what}: no single line refuses it: {error}");
        return refusals[^1];
    }

    [GeneratedRegex(@": (error|warning) DSG\d+: ")]
    private static partial Regex Diagnostic();
}
