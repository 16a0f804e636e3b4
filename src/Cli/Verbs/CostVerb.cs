using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;

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
            var a = ArchitectureLists.Chosen(s, parsed.GetValue(architecture), parsed.GetValue(width), parsed.GetValue(depth));
            var side = s.CheckSize(parsed.GetValue(size) ?? s.InputSize);
            if (parsed.GetValue(json)) Output.Json(ArchitectureCosts.Json(null, a, side));
            else
                Output.Line(
                    $"{a}\n{s.Macs(a, side):N0} MACs at {side} px, {s.ConvWeights(a):N0} convolution weights, {s.Parameters(a):N0} parameters, {(s.IsOnGrid(a) ? "on" : "off")} the grid");
            return 0;
        });
        return command;
    }
}
