using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Recipes;

/// <summary>Reads the values of a recipe; what is no such value is reported at its place, and reads as the value that would have stood there without it.</summary>
internal sealed class RecipeValues(YamlErrors errors)
{
    private static readonly Bounds<double> numbers = new(-1e12, 1e12);

    public YamlErrors Errors => errors;

    /// <summary>A number from one bound to another.</summary>
    public double Number(YamlNode? node, string key, double otherwise, double low = 0, double high = 1)
    {
        if (node is null) return otherwise;
        if (Parse(node) is { } number && number >= low && number <= high) return number;
        errors.Report(Descriptors.WrongType, node, key, FormattableString.Invariant($"a number from {low} {(double.IsFinite(high) ? FormattableString.Invariant($"to {high}") : "on")}"));
        return otherwise;
    }

    /// <summary>A whole number from 1 on.</summary>
    public int Count(YamlNode? node, string key, int otherwise, int most) => new ValueReader(errors).Number(node, key, most) ?? otherwise;

    /// <summary>An interval, <c>[low, high]</c>, or one number for both.</summary>
    public Interval Range(YamlNode? node, string key, Interval otherwise)
    {
        if (node is null) return otherwise;
        var ends = (node is YamlList list ? list.Items : [node]).Select(Parse).ToList();
        if (ends is [{ } only]) return new(only, only);
        if (ends is [{ } low, { } high] && low <= high) return new(low, high);
        errors.Report(Descriptors.WrongType, node, key, "[low, high]");
        return otherwise;
    }

    /// <summary>A word of a list of known ones.</summary>
    public string Word(YamlNode? node, string key, string otherwise, params IReadOnlyList<string> known)
    {
        if (YamlMap.Word(node, key, errors) is not { } word) return otherwise;
        if (known.Contains(word.Text)) return word.Text;
        errors.Report(Descriptors.WrongType, word, key, $"one of {string.Join(", ", known)}");
        return otherwise;
    }

    private static double? Parse(YamlNode node) =>
        node is YamlScalar scalar && numbers.TryRead(scalar.Text, out var number) ? number : null;
}
