using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Tests;

/// <summary>
/// Files of this program as somebody might have written them who knows how they are sealed: what their content says is then all that can be
/// wrong with them.
/// </summary>
internal static class Edited
{
    /// <summary>Changes a file, and seals it anew.</summary>
    public static void File(string path, Action<JsonNode> edit) => File(path, path, edit);

    /// <summary>The same into another file.</summary>
    public static void File(string from, string to, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(System.IO.File.ReadAllText(from))!;
        json.AsObject().Remove("seal");
        edit(json);
        SealedJson.Write(to, json.ToJsonString());
    }
}
