using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Families;

/// <summary>
/// How a library names the tensors of a family, as rules that turn its names into ours: regular expressions and what takes their place, of
/// which the first that fits counts.
/// </summary>
/// <remarks>
/// A place in the list of blocks that the library counts by stages is written <c>#stage.block</c>, and becomes the place in the one list
/// that we have; <c>#last</c> is the place behind them. A name that no rule fits is none of the network's trunk. One that a rule gives and
/// our network lacks is a part of the trunk that ours has not.
/// </remarks>
public sealed class KeyScheme(string first, params (string Pattern, string Ours)[] rules)
{
    private readonly List<(Regex Pattern, string Ours)> rules =
    [
        .. rules.Select(rule => (new Regex($"^(?:{rule.Pattern})$", RegexOptions.CultureInvariant), rule.Ours)),
    ];

    /// <summary>The library's name of the stem's first weights, by which the scheme and what stands before all names are told.</summary>
    public string First { get; } = first;

    /// <summary>Names that are ours already.</summary>
    public static KeyScheme Own(string first, string pattern) => new(first, (pattern, "$0"));

    /// <summary>Our name for each of the library's that has one.</summary>
    public IReadOnlyDictionary<string, string> OurNames(IEnumerable<string> names)
    {
        var found = names.Select(name => (Name: name, Ours: Rewritten(name))).Where(pair => pair.Ours.Length > 0).ToList();
        var places = found.Select(pair => Place.Match(pair.Ours)).Where(match => match.Success).Select(PlaceOf).Distinct()
            .OrderBy(place => place.Stage).ThenBy(place => place.Block).ToList();
        return found.ToDictionary(
            pair => pair.Name,
            pair => Place.Replace(pair.Ours, match => Digits.Of(1 + places.IndexOf(PlaceOf(match))))
                .Replace("#last", Digits.Of(1 + places.Count)));
    }

    private static readonly Regex Place = new(@"#(\d{1,4})\.(\d{1,4})", RegexOptions.CultureInvariant);

    private string Rewritten(string name)
    {
        foreach (var (pattern, ours) in rules)
            if (pattern.Match(name) is { Success: true } match)
                return match.Result(ours);
        return "";
    }

    private static (int Stage, int Block) PlaceOf(Match match) =>
        (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
}
