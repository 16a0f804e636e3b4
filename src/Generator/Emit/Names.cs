using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Generator.Emit;

/// <summary>How facts of the plan are spelled in C#.</summary>
internal static class Names
{
    /// <summary>
    /// State-dict names may hold dots or be numbers, C# fields may not: <c>downsample.0</c> becomes <c>downsample_0</c>, <c>0</c> becomes
    /// <c>layer0</c>.
    /// </summary>
    public static string Field(string layer) => (layer.Length > 0 && char.IsDigit(layer[0]) ? "layer" : "") + layer.Replace('.', '_');

    /// <summary>A parameter or local name; <c>in</c> and <c>out</c> are keywords.</summary>
    public static string Local(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary><c>patch_embed</c> becomes <c>PatchEmbed</c>.</summary>
    public static string Pascal(string word) =>
        string.Concat(word.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part.Substring(1)));

    /// <summary>The type of an axis: <c>Stage1Width</c>.</summary>
    public static string Of(Axis axis) => Pascal(axis.Segment) + Pascal(axis.Kind);

    /// <summary>
    /// What keeps the compiler from warning of a type's name: it fears for words of lower-case letters alone, which C# may reserve one day.
    /// Mostly empty.
    /// </summary>
    public static string NamePragma(string type) => type.All(c => c is >= 'a' and <= 'z') ? "#pragma warning disable CS8981\n" : "";

    public static string Plural(string word) => word[word.Length - 1] == 's' ? word : word + "s";

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Escape(string text) => SecurityElement.Escape(text) ?? "";

    /// <summary>The constructor's parameter for the shortcut that a template leaves to its blocks; null where it leaves none.</summary>
    public static string? Flag(BlockTemplate template) =>
        template.Optional switch { Shortcut.Identity => "residual", Shortcut.Projection => "project", _ => null };

    /// <summary>A power of ten as C# writes it: <c>1e-5</c>.</summary>
    public static string Small(double value) => value.ToString("0e-0", CultureInfo.InvariantCulture);

    public static string Grouped(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string List(IEnumerable<int> values) => string.Join(", ", values.Select(v => Digits.Of(v)));

    /// <summary><c>48, 64 or 80</c>, or <c>5, 7, … 29</c> where the list is long.</summary>
    public static string Choices(Axis axis) => axis.Values.Count switch
    {
        1 => Digits.Of(axis.Max),
        <= 5 => List(axis.Values.Take(axis.Values.Count - 1)) + " or " + Digits.Of(axis.Max),
        _ => $"{List(axis.Values.Take(2))}, … {Digits.Of(axis.Max)}",
    };

    public static string Giga(long macs) => (macs / 1e9).ToString(macs < 100_000_000 ? "0.0000" : "0.00", CultureInfo.InvariantCulture);

    public static string Mega(long count) => (count / 1e6).ToString(count < 100_000 ? "0.0000" : "0.00", CultureInfo.InvariantCulture);

    /// <summary>A quantity as an expression over an architecture's axes.</summary>
    public static string Expression(Space space, Quantity quantity, string prefix)
    {
        var factors = quantity.Axes.Select(axis => prefix + Of(space.Axes[axis]));
        return string.Join(" * ", quantity.Factor == 1 && quantity.Axes.Count > 0 ? factors : factors.Prepend(Digits.Of(quantity.Factor)));
    }

    /// <summary>The shape of a segment's or block's map or tokens, from its channels.</summary>
    public static string Shape(Place place, string channels, string height, string width) =>
        place.Tokens ? $"[N, {(place.Extra == 0 ? "T" : "1 + T")}, {channels}]" : $"[N, {channels}, {height}, {width}]";
}
