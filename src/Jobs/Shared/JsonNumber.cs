using System.Text.Json.Nodes;
using DataSsl.Search.Results;

namespace DataSsl.Jobs.Shared;

/// <summary>Numbers for JSON, which has no word for what is none.</summary>
internal static class JsonNumber
{
    public static JsonNode? Of(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    public static JsonObject Of(Estimate estimate) =>
        new() { ["value"] = Of(estimate.Value), ["low"] = Of(estimate.Low), ["high"] = Of(estimate.High) };
}
