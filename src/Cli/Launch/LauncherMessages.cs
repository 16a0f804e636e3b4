using System.Globalization;
using System.Text.RegularExpressions;
using DataSsl.Cli.Terminal;

namespace DataSsl.Cli.Launch;

/// <summary>
/// What comes out of mpirun's error stream: the lines of its processes, shown as they come and the same only once, and its own banners, of
/// which one line is made at the end.
/// </summary>
internal sealed partial class LauncherMessages
{
    private const string Mend = "what was saved is whole: start again with --resume";

    private readonly HashSet<string> said = [];
    private readonly List<string> banner = [];
    private bool isInBanner;
    private bool wasInterrupted;

    /// <summary>Shows a line, or keeps it.</summary>
    public void Take(string line)
    {
        if (line.Length > 60 && line.All(c => c == '-')) isInBanner = !isInBanner;
        else if (isInBanner) banner.Add(line.Trim());
        else if (line.StartsWith("mpirun: ", StringComparison.Ordinal)) banner.Add(line);
        else
        {
            // The processes end together and in good order, and the first tells of it.
            wasInterrupted |= line.Contains(Interrupt.Word, StringComparison.Ordinal);
            // A mistake that all processes make, each tells.
            if (MessageIn(line) is not { } message || said.Add(message)) Console.Error.WriteLine(line);
        }
    }

    /// <summary>Says what ended the processes, where they have not said it themselves.</summary>
    public void Explain(int exitCode)
    {
        if (wasInterrupted && exitCode is (129 or 130 or 143)) return;
        var text = string.Join(' ', banner);
        var code = exitCode.ToString(CultureInfo.InvariantCulture);
        if (Killed().Match(text) is { Success: true } killed)
            Say($"process {killed.Groups[1].Value} was ended by signal {killed.Groups[2].Value}, and the others with it; {Mend}");
        else if (said.Count > 0) return;
        else if (Failed().Match(text) is { Success: true } failed)
            Say($"process {failed.Groups[1].Value} ended with exit code {code}, and the others with it; {Mend}");
        else if (text.Length > 0) Say($"mpirun ended with exit code {code}: {text}");
        else Say($"mpirun ended with exit code {code}, and all processes with it; {Mend}");

        static void Say(string what) => Console.Error.WriteLine($"datassl: {what}");
    }

    private static string? MessageIn(string line) =>
        line.IndexOf("datassl: ", StringComparison.Ordinal) is >= 0 and var start ? line[start..] : null;

    [GeneratedRegex(@"process rank (\d+) with PID \d+ on node \S+ exited on signal (\d+)")]
    private static partial Regex Killed();

    [GeneratedRegex(@"Process name: \[\[\d+,\d+\],(\d+)\]")]
    private static partial Regex Failed();
}
