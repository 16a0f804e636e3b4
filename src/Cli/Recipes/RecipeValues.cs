using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Recipes;

/// <summary>
/// Reads the values of a recipe; what is no such value is reported at its place, and reads as the value that would have stood there without
/// it.
/// </summary>
internal sealed class RecipeValues(YamlErrors errors)
{
    private static readonly Bounds<double> numbers = new(-1e12, 1e12);

    public YamlErrors Errors => errors;

    /// <summary>A number within bounds.</summary>
    public double Number(YamlNode? node, string key, double otherwise, Bounds<double> bounds)
    {
        if (node is null) return otherwise;
        if (Parse(node) is { } number && bounds.Holds(number)) return number;
        errors.Report(Descriptors.WrongType, node, key, bounds.ToString());
        return otherwise;
    }

    /// <summary>A whole number from 1 on.</summary>
    public int Count(YamlNode? node, string key, int otherwise, int most) => new ValueReader(errors).Number(node, key, most) ?? otherwise;

    /// <summary>An interval within bounds, <c>[low, high]</c>, or one number for both.</summary>
    public Interval Range(YamlNode? node, string key, Interval otherwise, Bounds<double> bounds)
    {
        if (node is null) return otherwise;
        var ends = (node is YamlList list ? list.Items : [node]).Select(Parse).ToList();
        if (ends is [{ } only] && bounds.Holds(only)) return new(only, only);
        if (ends is [{ } low, { } high] && low <= high && bounds.Holds(low) && bounds.Holds(high)) return new(low, high);
        var isRange = ends is [{ }] || (ends is [{ } from, { } to] && from <= to);
        errors.Report(Descriptors.WrongType, node, key, isRange ? $"[low, high], each {bounds}" : "[low, high]");
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
