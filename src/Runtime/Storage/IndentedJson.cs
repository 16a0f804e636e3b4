using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataSsl.Runtime.Storage;

/// <summary>JSON as files and commands show it: indented, one line end on every system, letters as they are.</summary>
public static class IndentedJson
{
    private static readonly JsonSerializerOptions indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One object.</summary>
    public static string Of(JsonObject value) => value.ToJsonString(indented);
}
