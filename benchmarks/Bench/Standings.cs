using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;

namespace DataSsl.Bench;

/// <summary>What a contest came to: ours, the best of the peers that do the same, the others.</summary>
/// <param name="Settings">What all contestants were told.</param>
/// <param name="Of">Seconds of a piece of work and peak bytes by contestant.</param>
/// <param name="Same">The peers that do what ours does; the others do less or more, and say how much.</param>
internal sealed record Standings(
    IReadOnlyList<(string Name, JsonNode Value)> Settings, IReadOnlyDictionary<string, (double Seconds, long PeakBytes)> Of,
    IReadOnlyList<string> Same)
{
    private (double Seconds, long PeakBytes) Ours => Of[Entry.Ours];

    /// <summary>The fastest that does the same; null where none took part.</summary>
    public string? Best => Same.Where(Of.ContainsKey).OrderBy(name => Of[name].Seconds).FirstOrDefault();

    /// <summary>The best peer, the other build, and the rest from the fastest on.</summary>
    private IEnumerable<string> Others =>
        Of.Keys.Where(name => name != Entry.Ours).OrderBy(name => name == Best ? 0 : name == Entry.Against ? 1 : 2)
            .ThenBy(name => Of[name].Seconds);

    /// <summary>How many times as fast, and as small, ours is; over 1 where ours is better.</summary>
    public (double Speed, double Memory) Ratio(string name) =>
        (Of[name].Seconds / Ours.Seconds, (double)Of[name].PeakBytes / Ours.PeakBytes);

    /// <summary>For machines.</summary>
    public JsonObject Json()
    {
        var ratios = new JsonObject();
        if (Best is { } best) ratios["bestPeer"] = Ratio(best).Speed;
        foreach (var name in Others) ratios[name] = Ratio(name).Speed;
        return new()
        {
            ["settings"] = new JsonObject(Settings.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)s.Value.DeepClone()))),
            ["bestPeer"] = Best,
            ["ratios"] = ratios,
            ["memory"] = Each(Others, name => Ratio(name).Memory),
            ["seconds"] = Each(Others.Prepend(Entry.Ours), name => Of[name].Seconds),
            ["peakBytes"] = Each(Others.Prepend(Entry.Ours), name => Of[name].PeakBytes),
        };

        static JsonObject Each(IEnumerable<string> names, Func<string, JsonNode> value) =>
            new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)value(name))));
    }

    /// <summary>For people.</summary>
    /// <param name="unit">What the figure of a line is.</param>
    /// <param name="figure">That figure, from the seconds of a piece of work.</param>
    public void Print(string unit, Func<double, string> figure)
    {
        Output.Line($"{string.Join(", ", Settings.Select(s => $"{s.Name} {s.Value}"))}: {unit}, peak MiB");
        Line(Entry.Ours, "");
        foreach (var name in Others)
            Line(
                name,
                FormattableString.Invariant(
                    $"   ours is {Ratio(name).Speed:0.00} times as fast, in {1 / Ratio(name).Memory:0.00} times the memory{(name == Best ? "; the best peer" : "")}"));

        void Line(string name, string more) =>
            Output.Line($"  {name,-21}{figure(Of[name].Seconds),10}{Of[name].PeakBytes / 1048576.0,9:0}{more}");
    }
}
