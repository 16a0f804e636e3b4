using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Dense;

namespace DataSsl.Cli.Emitting;

/// <summary>What an emit tells.</summary>
/// <param name="Lines">For a reader: one for each class, and one below it for each of its forms.</param>
/// <param name="Facts">The same for a program, an object a class.</param>
/// <param name="Failures">Forms that were not written, as they are not the same network.</param>
internal sealed record EmitTable(IReadOnlyList<FormattableString> Lines, IReadOnlyList<JsonObject> Facts, IReadOnlyList<string> Failures)
{
    public static EmitTable Of(IReadOnlyList<EmittedClass> all) => new(
        [.. all.SelectMany(LinesOf)], [.. all.Select(FactsOf)],
        [.. all.SelectMany(e => e.Forms.Where(f => !f.Holds).Select(f => f.Failure(e.ClassName)))]);

    /// <summary>Of a detector or segmenter.</summary>
    public static EmitTable Of(EmittedDense e) => new(
        [.. LinesOf(e)], [FactsOf(e)], [.. e.Forms.Where(f => !f.Holds).Select(f => f.Failure(e.ClassName))]);

    public void Print(bool asJson)
    {
        if (asJson) Output.Json(new() { ["emitted"] = new JsonArray([.. Facts]) });
        else
            foreach (var line in Lines) Output.Line(line);
    }

    private static IEnumerable<FormattableString> LinesOf(EmittedClass e)
    {
        yield return $"{e.ClassName}: largest difference to its supernet slice {e.MaxAbsDifference:g3} on {Wording.Count(e.Forms[0].Images, "image")}; {e.SourcePath}, {e.WeightsPath}{(e.ReaderPath is { } reader ? $", {reader}" : "")}";
        foreach (var form in e.Forms.Where(f => f.Holds))
            yield return $"  {form.Form,-11} {form.Bytes,12:N0} bytes  relative difference {form.RelativeDifference,-8:g2} {(form.Pictures is { } pictures ? FormattableString.Invariant($"of pictures {pictures:g2}") : ""),-19} same nearest neighbour {(form.NeighbourAgreement is { } agreement ? FormattableString.Invariant($"{agreement:0.0 %}") : "-"),7}  {string.Join(", ", form.Files.Select(Path.GetFileName))}{(form.Remark is { } remark ? $"; {remark}" : "")}";
    }

    private static IEnumerable<FormattableString> LinesOf(EmittedDense e)
    {
        yield return $"{e.ClassName}: {string.Join(", ", e.Files)}";
        foreach (var form in e.Forms.Where(f => f.Holds))
            yield return $"  {form.Form,-10} {form.Bytes,12:N0} bytes  {form.Text}  {Path.GetFileName(form.Path)}";
    }

    private static JsonObject FactsOf(EmittedDense e) => new()
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

    private static JsonObject FactsOf(EmittedClass e) => new()
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
            ["relativeDifferenceOfPictures"] = f.Pictures,
            ["remark"] = f.Remark,
        })]),
    };
}
