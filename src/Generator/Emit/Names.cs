using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security;
using DataSsl.Generator.Model;
using DataSsl.Generator.Plan;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Generator.Emit;

/// <summary>How facts of the plan are spelled in C#.</summary>
internal static class Names
{
    /// <summary>State-dict names may hold dots, C# fields may not: <c>downsample.0</c> becomes <c>downsample_0</c>.</summary>
    public static string Field(string layer) => layer.Replace('.', '_');

    /// <summary>A parameter or local name; <c>in</c> and <c>out</c> are keywords.</summary>
    public static string Local(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    public static string Pascal(string word) => char.ToUpperInvariant(word[0]) + word.Substring(1);

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Escape(string text) => SecurityElement.Escape(text) ?? "";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Grouped(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string List(IEnumerable<int> values) => string.Join(", ", values.Select(v => Number(v)));

    /// <summary><c>48, 64 or 80</c>, or <c>5, 7, … 29</c> where the list is long.</summary>
    public static string Choices(Axis axis) => axis.Values.Count switch
    {
        1 => Number(axis.Max),
        <= 5 => List(axis.Values.Take(axis.Values.Count - 1)) + " or " + Number(axis.Max),
        _ => $"{List(axis.Values.Take(2))}, … {Number(axis.Max)}",
    };

    public static string Giga(long macs) => (macs / 1e9).ToString(macs < 100_000_000 ? "0.0000" : "0.00", CultureInfo.InvariantCulture);

    public static string Mega(long count) => (count / 1e6).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A channel count as an expression over an architecture's axes.</summary>
    public static string Expression(Space space, Channels channels, string prefix) =>
        channels.Axis < 0 ? Number(channels.Factor)
        : channels.Factor == 1 ? prefix + space.Axes[channels.Axis].Name
        : $"{Number(channels.Factor)} * {prefix}{space.Axes[channels.Axis].Name}";
}
