using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Generator;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl space list|show|check</c>.</summary>
internal static class SpaceVerb
{
    public static Command Create(SpaceCatalogue spaces) =>
        new("space", "List, show or check search spaces.") { List(spaces), Show(spaces), Check() };

    private static Command List(SpaceCatalogue spaces)
    {
        var json = Options.Json();
        var command = new Command("list", "List the compiled spaces.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json)) Output.Json(new() { ["spaces"] = new JsonArray([.. spaces.All.Select(SpaceSheet.Facts)]) });
            else
            {
                var counts = spaces.All.ToDictionary(s => s, s => s.Count.ToString("N0", CultureInfo.InvariantCulture));
                var (name, count) = (spaces.All.Max(s => s.Name.Length), counts.Values.Max(c => c.Length));
                foreach (var s in spaces.All)
                    Output.Line($"{s.Name.PadRight(name)}  {s.Family,-18}  {counts[s].PadLeft(count)} architectures, {s.InputSize} px");
            }
            return 0;
        });
        return command;
    }

    private static Command Show(SpaceCatalogue spaces)
    {
        var name = new Argument<string>("NAME") { Description = "Name of a compiled space." };
        var json = Options.Json();
        var command = new Command("show", "Show a space: its axes, anchors, costs and 1-GMAC groups.") { name, json };
        command.SetAction(parsed =>
        {
            var space = spaces.Find(parsed.GetValue(name)!);
            if (parsed.GetValue(json)) Output.Json(SpaceSheet.Details(space));
            else SpaceSheet.Print(space);
            return 0;
        });
        return command;
    }

    private static Command Check()
    {
        var file = new Argument<string>("FILE") { Description = "A *.space.yaml file." };
        var json = Options.Json();
        var command = new Command(
            "check", "Check a space file as the compiler will; prints file(line,column): error for each mistake.") { file, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            var result = SpaceCompiler.Parse(path, RegularFile.ReadGiven(path));
            if (parsed.GetValue(json)) Output.Json(Verdict(result));
            else if (result.Space is { } space) Output.Line($"{path}: {space.Name}, {space.Count:N0} architectures");
            else
                foreach (var diagnostic in result.Diagnostics) Console.Error.WriteLine(OneLine.Of($"{diagnostic}"));
            return result.Space is null ? 2 : 0;
        });
        return command;
    }

    private static JsonObject Verdict(ParsedSpace result) => new()
    {
        ["valid"] = result.Space is not null,
        ["count"] = result.Space?.Count,
        ["diagnostics"] = new JsonArray([.. result.Diagnostics.Select(d => new JsonObject
        {
            ["id"] = d.Id, ["line"] = d.Location.Lines.Start.Line + 1, ["column"] = d.Location.Lines.Start.Character
                + 1, ["message"] = d.Message,
        })]),
    };
}
