using System.Text.Json;
using System.Text.Json.Serialization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Results;

/// <summary>The file <c>verdict.json</c>.</summary>
public static class VerdictReportJson
{
    /// <summary>Its name in a folder of results.</summary>
    public const string FileName = "verdict.json";

    /// <summary>Writes the report; a reader never sees half a file.</summary>
    public static void Write(VerdictReport verdict, string path) => SealedJson.Write(path, Serialize(verdict));

    /// <summary>The report as JSON text.</summary>
    public static string Serialize(VerdictReport verdict) =>
        JsonSerializer.Serialize(verdict, VerdictReportJsonContext.Default.VerdictReport);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UserException">The file is missing, is no verdict, or was changed.</exception>
    public static VerdictReport Read(string path) =>
        SealedJson.Read(
            path, "there is no such file; 'datassl verdict' writes it", "a verdict", "make it again with 'datassl verdict --resume'",
            text =>
    {
        var verdict = JsonSerializer.Deserialize(text, VerdictReportJsonContext.Default.VerdictReport)
            ?? throw new JsonException("it holds 'null'");
        return Problem(verdict) is { } problem ? throw new JsonException(problem) : verdict;
    });

    /// <summary>The first problem; null for a report of which a page can be made.</summary>
    private static string? Problem(VerdictReport v)
    {
        if (v.Columns.Any(c => c is null) || v.Rows.Any(r => r is null || r.Figures.Any(f => f is null))
            || v.Provenance.Values.Any(value => value is null))
            return "a part of it is null";
        if (v.Rows is not [.., { Role: "winner" }] || v.Rows.Any(r => r.Figures.Count != v.Columns.Count))
            return "its rows are not those of its columns, the winner last";
        if (v.Columns.All(c => c.Name != v.By)) return $"it is decided by '{v.By}', which is no column";
        if (v.Seeds < 1 || v.TestImages < 1 || !double.IsFinite(v.ElapsedSeconds)) return "a number of it is none";
        if (v.Rows.Any(r => r.Size < 1 || r.Macs < 1 || r.Parameters < 1 || r.WeightBytes < 1 || r.Latency is not (> 0 and < 1e9)))
            return "a network costs nothing";
        if (
            v.Rows.SelectMany(r => r.Figures)
                .Any(
                    f =>
                        f.BySeed.Append(f.Accuracy).Any(accuracy => accuracy is not (>= 0 and <= 1))
                            || f.WinnerAhead is { } ahead && !IsInterval(ahead)))
            return "an accuracy of it is none";
        if (
            new[] { v.Decision.Given, v.Decision.Handcrafted }.OfType<VerdictRival>()
                .Any(r => !IsInterval(r.Ahead) || r.LatencyRatio is not (> 0 and < 1e9)))
            return "a comparison of it is none";
        return v.Sentence == v.Decision.Sentence ? null : "it does not say what it found";
    }

    private static bool IsInterval(Estimate e) =>
        e.Low <= e.Value && e.Value <= e.High && double.IsFinite(e.Low) && double.IsFinite(e.High);
}

/// <summary>Serialisation code for <see cref="VerdictReport"/>, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(VerdictReport))]
internal sealed partial class VerdictReportJsonContext : JsonSerializerContext;
