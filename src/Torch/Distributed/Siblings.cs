using System.Globalization;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// The processes that the same launcher started on this machine, as Linux tells of them: what is known before they have met.
/// </summary>
public static class Siblings
{
    /// <summary>
    /// The parent of a process, its session and its state's letter (T: stopped); null where there is no such process, or no such file
    /// system.
    /// </summary>
    internal static (int Parent, int Session, char State)? Of(int process)
    {
        try
        {
            // 12 (name) S 1 12 12 …; the name may hold anything.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture), fields[0][0]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The processes that a process started and that are there still.</summary>
    public static IEnumerable<int> ChildrenOf(int parent) => All().Where(process => Of(process)?.Parent == parent);

    /// <summary>Whether a process of a session is there still, and not merely waiting to be buried.</summary>
    public static bool IsAlive(int session) => All().Any(process => Of(process) is (_, var its, not ('Z' or 'X')) && its == session);

    /// <summary>The ranks of the children of a launcher that are stopped, such as by SIGSTOP.</summary>
    internal static IEnumerable<int> Stopped(int launcher) =>
        ChildrenOf(launcher).Where(process => Of(process) is (_, _, 'T' or 't')).Select(Rank).OfType<int>();

    private static IEnumerable<int> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                yield return process;
    }

    private static int? Rank(int process)
    {
        try
        {
            var variables = File.ReadAllText($"/proc/{process}/environ").Split('\0').Select(line => line.Split('=', 2))
                .Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
            foreach (var name in LaunchVariables.Ranks)
                if (variables[name].FirstOrDefault() is { } value
                    && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rank))
                    return rank;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
