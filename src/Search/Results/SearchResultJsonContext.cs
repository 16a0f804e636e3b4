using System.Text.Json.Serialization;

namespace DataSsl.Search.Results;

/// <summary>
/// Serialisation code for <see cref="SearchResult"/>, made at compile time. Property order is declaration order; numbers are invariant by
/// JSON's own rules.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SearchResult))]
internal sealed partial class SearchResultJsonContext : JsonSerializerContext;
