using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Evaluation;

/// <summary>An accuracy with its interval.</summary>
internal static class AccuracyText
{
    public static string Of(Proportion p) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * p.Value:0.0} % ({100 * p.Low:0.0} to {100 * p.High:0.0})");

    public static JsonObject Json(Proportion p) =>
        new() { ["accuracy"] = p.Value, ["low"] = p.Low, ["high"] = p.High, ["right"] = p.Hits, ["of"] = p.Count };
}
