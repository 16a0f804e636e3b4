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
        // Also what the file was begun with and nobody asks for now.
        foreach (var name in identity.Keys.Union(firstLine.Select(entry => entry.Key).Where(key => key != SealedJson.Key)))
            if ((firstLine[name]?.ToString(), identity.GetValueOrDefault(name)) is var (was, now) && was != now)
                throw new UserException(
                    $"{path}: begun with another {name} ({was ?? "none"}, now {now ?? "none"}): give the same settings, or begin anew without --resume");
    }
}
