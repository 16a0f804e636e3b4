using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Generator;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;

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
            if (parsed.GetValue(json)) Output.Json(new() { ["spaces"] = new JsonArray([.. spaces.All.Select(s => Facts(s))]) });
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
            if (parsed.GetValue(json)) Output.Json(Details(space));
            else Print(space);
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

    private static JsonObject Facts(SearchSpace s) => new()
    {
        ["name"] = s.Name,
        ["family"] = s.Family,
        ["hash"] = s.Hash,
        ["count"] = s.Count,
        ["inputSize"] = s.InputSize,
    };

    private static JsonObject Details(SearchSpace space)
    {
        var facts = Facts(space);
        facts["axes"] = new JsonArray([.. space.Axes.Select(a => new JsonObject
        {
            ["segment"] = a.Segment, ["kind"] = a.Kind, ["values"] = new JsonArray([.. a.Values.Select(v => JsonValue.Create(v))]),
        })]);
        if (space.InputSizes.Count > 1) facts["inputSizes"] = new JsonArray([.. space.InputSizes.Select(v => JsonValue.Create(v))]);
        if (space.Constraints.Count > 0)
            facts["constraints"] = new JsonArray([.. space.Constraints.Select(c => JsonValue.Create(c.Over(space.Axes)))]);
        if (space.Budgets.Count > 0)
            facts["budgets"] = new JsonObject(space.Budgets.Select(b => KeyValuePair.Create(b.Name, (JsonNode?)b.Text)));
        facts["anchors"] = new JsonArray([.. Named(space).Select(n => CostVerb.Costs(n.Name, n.Architecture, space.InputSize))]);
        facts["groups"] = new JsonObject(Groups(space).Select(g => KeyValuePair.Create(g.Name, (JsonNode?)g.Count)));
        return facts;
    }

    private static void Print(SearchSpace space)
    {
        Output.Line($"{space.Name}: {space.Family}, {space.Count:N0} architectures, input {space.InputSize} px, hash {space.Hash}");
        foreach (var axis in space.Axes) Output.Line($"  {axis.Segment,-8}{axis.Kind,-8}{string.Join(' ', axis.Values)}");
        foreach (var constraint in space.Constraints) Output.Line($"  constraint {constraint.Over(space.Axes)}");
        foreach (var budget in space.Budgets) Output.Line($"  budget {budget.Name}: {budget.Text}");
        foreach (var (name, a) in Named(space))
            Output.Line(
                $"  {name,-12}{space.Macs(a, space.InputSize) / 1e9,8:0.000} GMACs{space.Parameters(a) / 1e6,9:0.00} M parameters   {a}");
        foreach (var (name, count) in Groups(space)) Output.Line($"  {name,-8}{count,9:N0} architectures");
    }

    private static IEnumerable<(string Name, Architecture Architecture)> Named(SearchSpace space) =>
        space.Anchors.Select(a => (a.Name, space.Parse(a.Name))).Prepend(("Max", space.Max)).Prepend(("Min", space.Min));

    /// <summary>
    /// How many architectures each MACs group holds; groups are 1 GMAC wide, or a power of ten less where the whole space lies below that.
    /// </summary>
    private static List<(string Name, long Count)> Groups(SearchSpace space)
    {
        // Groups are counted one by one: a space of billions shows none.
        if (space.Count > 2_000_000) return [];
        var top = space.Macs(space.Max, space.InputSize);
        var (width, unit) = (1_000_000_000L, 'G');
        while (top / width < 3 && width > 1) width /= 10;
        if (width < 1_000_000_000) unit = 'M';
        var scale = unit == 'G' ? 1_000_000_000L : 1_000_000L;
        return space.All().GroupBy(a => space.Macs(a, space.InputSize) / width).OrderBy(g => g.Key)
            .Select(
                g =>
                    (FormattableString.Invariant($"{(double)g.Key * width / scale:0.###}-{(double)(g.Key + 1) * width / scale:0.###}{unit}"),
                        (long)g.Count())).ToList();
    }
}
