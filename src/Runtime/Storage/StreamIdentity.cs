using System.Text.Json.Nodes;

namespace DataSsl.Runtime.Storage;

/// <summary>The first line of a file that long work writes as it goes: what its other lines depend on.</summary>
public static class StreamIdentity
{
    /// <summary>The line that says it: the names and their values as JSON's text.</summary>
    public static JsonObject Line(IReadOnlyDictionary<string, string> identity) =>
        new(identity.Select(i => KeyValuePair.Create(i.Key, (JsonNode?)i.Value)));

    /// <summary>Refuses, with a <see cref="UserException"/>, to go on with a file of something else.</summary>
    public static void Check(string path, JsonObject firstLine, IReadOnlyDictionary<string, string> identity)
    {
        foreach (var (name, value) in identity)
            if (firstLine[name]?.ToString() is var was && was != value)
                throw new UserException(
                    $"{path}: begun with another {name} ({was ?? "none"}, now {value}): give the same settings, or begin anew without --resume");
    }
}
