using System.Text.Json;
using System.Text.Json.Serialization;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Results;

/// <summary>The file <c>survey.json</c>.</summary>
public static class SurveyReportJson
{
    /// <summary>Its name in a survey's folder.</summary>
    public const string FileName = "survey.json";

    /// <summary>Writes the report; a reader never sees half a file.</summary>
    public static void Write(SurveyReport survey, string path) => SealedJson.Write(path, Serialize(survey));

    /// <summary>The report as JSON text.</summary>
    public static string Serialize(SurveyReport survey) =>
        JsonSerializer.Serialize(survey, SurveyReportJsonContext.Default.SurveyReport);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UserException">The file is missing, is no survey, or was changed.</exception>
    public static SurveyReport Read(string path) => SealedJson.Read(
        path, "there is no such file; 'datassl survey' writes it", "a survey", "make it again with 'datassl survey --resume'",
        text => JsonSerializer.Deserialize(text, SurveyReportJsonContext.Default.SurveyReport)
            ?? throw new JsonException("it holds 'null'"));
}

/// <summary>Serialisation code for <see cref="SurveyReport"/>, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SurveyReport))]
internal sealed partial class SurveyReportJsonContext : JsonSerializerContext;
