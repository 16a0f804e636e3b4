using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl cost</c>: MACs and parameters of an architecture, in closed form.</summary>
internal static class CostVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var space = Options.Space();
        var architecture = Options.Architecture();
        var width = new Option<string>("--width")
        {
            Description = "Widths, stem first, then the stages: 64,64,128,256,512.",
            HelpName = "LIST",
        };
        var depth = new Option<string>("--depth") { Description = "Depths of the stages: 3,4,6,3.", HelpName = "LIST" };
        var size = Options.Size();
        var json = Options.Json();
        var command = new Command("cost", "Show MACs and parameters of an architecture.") { space, architecture, width, depth, size, json };
        command.SetAction(parsed =>
        {
            var s = spaces.Find(parsed.Required(space));
            var a = Chosen(s, parsed.GetValue(architecture), parsed.GetValue(width), parsed.GetValue(depth));
            var side = s.CheckSize(parsed.GetValue(size) ?? s.InputSize);
            if (parsed.GetValue(json)) Output.Json(Costs(null, a, side));
            else
                Output.Line(
                    $"{a}\n{s.Macs(a, side):N0} MACs at {side} px, {s.ConvWeights(a):N0} convolution weights, {s.Parameters(a):N0} parameters, {(s.IsOnGrid(a) ? "on" : "off")} the grid");
            return 0;
        });
        return command;
    }

    public static JsonObject Costs(string? name, Architecture a, int size)
    {
        var facts = new JsonObject();
        if (name is not null) facts["name"] = name;
        facts["architecture"] = a.ToString();
        facts["size"] = size;
        facts["macs"] = a.Space.Macs(a, size);
        facts["convWeights"] = a.Space.ConvWeights(a);
        facts["parameters"] = a.Space.Parameters(a);
        facts["onGrid"] = a.Space.IsOnGrid(a);
        return facts;
    }

    private static Architecture Chosen(SearchSpace space, string? text, string? widths, string? depths) => (text, widths, depths) switch
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
