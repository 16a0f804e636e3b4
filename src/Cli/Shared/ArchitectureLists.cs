using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Shared;

/// <summary>An architecture as --arch, or --width and --depth, name it.</summary>
internal static class ArchitectureLists
{
    public static Architecture Chosen(SearchSpace space, string? text, string? widths, string? depths) => (text, widths, depths) switch
    {
        (null, null, null) => throw new UserException("--arch is missing; or give --width and --depth"),
        (null, null, _) => throw new UserException("--width is missing: it goes with --depth"),
        (null, _, null) => throw new UserException("--depth is missing: it goes with --width"),
        (null, _, _) => FromLists(space, widths, depths),
        (_, null, null) => space.Parse(text),
        _ => throw new UserException("give --arch or --width and --depth, not both"),
    };

    private static Architecture FromLists(SearchSpace space, string widths, string depths)
    {
        var choices = new int[space.Axes.Count];
        Fill("width", widths);
        Fill("depth", depths);
        return new(space, choices);

        void Fill(string kind, string list)
        {
            var axes = Enumerable.Range(0, space.Axes.Count).Where(i => space.Axes[i].Kind == kind).ToList();
            var values = list.Split(',', StringSplitOptions.TrimEntries);
            if (values.Length != axes.Count)
                throw new UserException(
                    $"--{kind} needs {axes.Count} values ({string.Join(", ", axes.Select(i => space.Axes[i].Segment))}), not {values.Length}");
            for (var i = 0; i < values.Length; i++)
                choices[axes[i]] = int.TryParse(values[i], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    ? value : throw new UserException($"--{kind}: '{values[i]}' is not a whole number");
        }
    }
}
