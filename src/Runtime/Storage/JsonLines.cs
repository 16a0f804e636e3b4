using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataSsl.Runtime.Storage;

/// <summary>A file of JSON objects, one a line, that only grows.</summary>
public static class JsonLines
{
    /// <summary>How every line is written.</summary>
    public static readonly JsonSerializerOptions OneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Adds one object, whole or not at all; processes that add at the same time do so one after the other.</summary>
    /// <exception cref="IOException">The file cannot be written, or stays locked.</exception>
    public static void Append(string path, JsonObject entry)
    {
        using var file = OpenAlone(path);
        var end = file.Length;
        try
        {
            // A line that lost its end when the machine stopped stays alone with it.
            file.Write(Encoding.UTF8.GetBytes((EndsALine(file) ? "" : "\n") + entry.ToJsonString(OneLine) + "\n"));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(end);
            throw;
        }
    }

    /// <summary>One line's object; null where it is none, as of the half of a line that a killed process leaves.</summary>
    public static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool EndsALine(FileStream file)
    {
        if (file.Length == 0) return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    private static FileStream OpenAlone(string path)
    {
        for (var until = DateTime.UtcNow + Patience; ; Thread.Sleep(20))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException) when (File.Exists(path) && DateTime.UtcNow < until)
            {
                // Another process is adding its line.
            }
        }
    }
}
