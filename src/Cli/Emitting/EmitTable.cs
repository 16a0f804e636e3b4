using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Dense;

namespace DataSsl.Cli.Emitting;

/// <summary>What an emit prints.</summary>
internal static class EmitTable
{
    /// <summary>A line for the class and one for each of its forms.</summary>
    public static void Print(EmittedClass e)
    {
        Output.Line(
            $"{e.ClassName}: largest difference to its supernet slice {e.MaxAbsDifference:g3} on {Output.Count(e.Forms[0].Images, "image")}; {e.SourcePath}, {e.WeightsPath}{(e.ReaderPath is { } reader ? $", {reader}" : "")}");
        foreach (var form in e.Forms.Where(f => f.Holds))
            Output.Line(
                $"  {form.Form,-10} {form.Bytes,12:N0} bytes  relative difference {form.RelativeDifference,-8:g2} same nearest neighbour {(form.NeighbourAgreement is { } agreement ? FormattableString.Invariant($"{agreement:0.0 %}") : "-"),7}  {Path.GetFileName(form.Path)}");
    }

    /// <summary>The same of a detector or segmenter.</summary>
    public static void Print(EmittedDense e)
    {
        Output.Line($"{e.ClassName}: {string.Join(", ", e.Files)}");
        foreach (var form in e.Forms.Where(f => f.Holds))
            Output.Line($"  {form.Form,-10} {form.Bytes,12:N0} bytes  {form.Text}  {Path.GetFileName(form.Path)}");
    }

    public static JsonObject Json(EmittedDense e) => new()
    {
        ["class"] = e.ClassName,
        ["files"] = new JsonArray([.. e.Files.Select(file => JsonValue.Create(file))]),
        ["forms"] = new JsonArray([.. e.Forms.Select(f => new JsonObject
        {
            ["form"] = f.Form,
            ["file"] = f.Path,
            ["written"] = f.Holds,
            ["bytes"] = f.Bytes,
            ["largestDifference"] = f.Largest,
            ["missed"] = f.Missed,
            ["proof"] = f.Text,
        })]),
    };

    public static JsonObject Json(EmittedClass e) => new()
    {
        ["class"] = e.ClassName,
        ["source"] = e.SourcePath,
        ["weights"] = e.WeightsPath,
        ["loader"] = e.ReaderPath,
        ["maxAbsDifference"] = e.MaxAbsDifference,
        ["card"] = e.CardPath,
        ["forms"] = new JsonArray([.. e.Forms.Select(f => new JsonObject
        {
            ["form"] = f.Form,
            ["file"] = f.Path,
            ["written"] = f.Holds,
            ["bytes"] = f.Bytes,
            ["maxAbsDifference"] = f.MaxAbsDifference,
            ["relativeDifference"] = f.RelativeDifference,
            ["neighbourAgreement"] = f.NeighbourAgreement,
            ["images"] = f.Images,
        })]),
    };
}
