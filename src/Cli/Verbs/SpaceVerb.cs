using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Generator;
using DataSsl.Generator.Parsing;
using DataSsl.Jobs.Shared;
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
            SpaceSheet.Print(spaces.All, parsed.GetValue(json));
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
            SpaceSheet.Print(spaces.Find(parsed.GetValue(name)!), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command Check()
    {
        var file = new Argument<string>("FILE") { Description = "A *.space.yaml file." };
        var json = Options.Json();
        const string description = "Check a space file as the compiler will; prints file(line,column): error for each mistake.";
        var command = new Command("check", description) { file, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            var result = SpaceCompiler.Parse(path, RegularFile.ReadGiven(path));
            if (parsed.GetValue(json)) Output.Json(SpaceSheet.Facts(result));
            else if (result.Space is { } space) Output.Line($"{path}: {space.Name}, {space.Count:N0} architectures");
            else foreach (var diagnostic in result.Diagnostics) Console.Error.WriteLine(OneLine.Of($"{diagnostic}"));
            return result.Space is null ? 2 : 0;
        });
        return command;
    }
}
