using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Shared;

/// <summary>What there is to say of a compiled space.</summary>
internal static class SpaceSheet
{
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
        facts["anchors"] = new JsonArray([.. Named(space).Select(n => ArchitectureCosts.Json(n.Name, n.Architecture, space.InputSize))]);
        facts["groups"] = new JsonObject(Groups(space).Select(g => KeyValuePair.Create(g.Name, (JsonNode?)g.Count)));
        return facts;
    }

    /// <summary>Whether a space file can be compiled, and what is wrong with it.</summary>
    public static JsonObject Facts(ParsedSpace result) => new()
    {
        ["valid"] = result.Space is not null,
        ["count"] = result.Space?.Count,
        ["diagnostics"] = new JsonArray([.. result.Diagnostics.Select(d => new JsonObject
        {
            ["id"] = d.Id, ["line"] = d.Location.Lines.Start.Line + 1, ["column"] = d.Location.Lines.Start.Character
                + 1, ["message"] = d.Message,
        })]),
    };

    /// <summary>A line for each space.</summary>
    public static void Print(IReadOnlyList<SearchSpace> spaces, bool asJson)
    {
        if (asJson)
        {
            Output.Json(new() { ["spaces"] = new JsonArray([.. spaces.Select(Facts)]) });
            return;
        }
        var counts = spaces.ToDictionary(s => s, s => s.Count.ToString("N0", CultureInfo.InvariantCulture));
        var (name, count) = (spaces.Max(s => s.Name.Length), counts.Values.Max(c => c.Length));
        foreach (var s in spaces)
            Output.Line($"{s.Name.PadRight(name)}  {s.Family,-18}  {counts[s].PadLeft(count)} architectures, {s.InputSize} px");
    }

    /// <summary>All of one.</summary>
    public static void Print(SearchSpace space, bool asJson)
    {
        if (asJson)
        {
            Output.Json(Details(space));
            return;
        }
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
