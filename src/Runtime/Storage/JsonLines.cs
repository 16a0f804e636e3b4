using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataSsl.Runtime.Storage;

/// <summary>One line of such a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">As they stand there, without the line's end.</param>
/// <param name="Entry">What they say; null for a line that is damaged.</param>
public sealed record JsonLine(int Number, byte[] Bytes, JsonObject? Entry)
{
    /// <summary>Whether it is as it was written.</summary>
    public bool IsSealed => Entry is not null && SealedJson.Remove(Bytes) is not null;
}

/// <summary>A file of JSON objects, one a line, that only grows.</summary>
/// <remarks>
/// Each line has its seal (<see cref="SealedJson"/>). A process that is killed may leave half of the last one, which is written anew; any
/// other damage is somebody's to look at, and is kept.
/// </remarks>
public static class JsonLines
{
    /// <summary>How every line is written.</summary>
    public static readonly JsonSerializerOptions OneLine = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Far more than any line of ours has: a file of one endless line is none.</summary>
    private const int MostBytes = 1 << 26;

    /// <summary>Adds one object, whole or not at all; processes that add at the same time do so one after the other.</summary>
    /// <exception cref="UserException">What is there is no file.</exception>
    /// <exception cref="IOException">The file cannot be written, or stays locked.</exception>
    public static void Append(string path, JsonObject entry)
    {
        using var file = OpenAlone(path);
        file.MendLastLine();
        file.Add(Sealed(entry), toDisk: true);
    }

    /// <summary>The lines of a file, but for half a last one; none where there is no file.</summary>
    /// <exception cref="UserException">It cannot be read, or a line is too long to be one.</exception>
    public static IEnumerable<JsonLine> Read(string path)
    {
        if (!Path.Exists(path)) yield break;
        using var file = OpenShared(path);
        foreach (var line in Read(path, file)) yield return line;
    }

    /// <summary>Opens a file to be read; who adds a line to it holds it alone for a moment.</summary>
    private static FileStream OpenShared(string path)
    {
        for (var until = DateTime.UtcNow + Patience; ; Thread.Sleep(20))
        {
            try
            {
                return RegularFile.OpenGiven(path, share: FileShare.ReadWrite);
            }
            catch (UserException e) when (
                e.InnerException is IOException { HResult: var error } && IsHeld(error) && DateTime.UtcNow < until)
            {
                // Another process is adding its line.
            }
        }
    }

    /// <summary>Whether a file could not be opened since another process holds it: EWOULDBLOCK of Linux and macOS, Windows' own.</summary>
    private static bool IsHeld(int error) => error is 11 or 35 or unchecked((int)0x80070020);

    /// <summary>The same of a file that is open, and stays so.</summary>
    private static IEnumerable<JsonLine> Read(string path, FileStream stream)
    {
        // Not disposed of: that would close the file.
        var file = new BufferedStream(stream, 1 << 16);
        using var bytes = new MemoryStream();
        for (var number = 1; ;)
        {
            var next = file.ReadByte();
            if (next is not (-1 or '\n'))
            {
                if (bytes.Length == MostBytes)
                    throw new UserException($"{path}, line {number}: of more than {MostBytes >> 20} MiB: not a file of this program");
                bytes.WriteByte((byte)next);
                continue;
            }
            var line = new JsonLine(number++, bytes.ToArray(), Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
            if (next == '\n' || line.Entry is not null) yield return line;
            if (next < 0) yield break;
            bytes.SetLength(0);
        }
    }

    /// <summary>A line, its end included, with its seal.</summary>
    public static byte[] Sealed(JsonObject entry) => [.. SealedJson.Add(Encoding.UTF8.GetBytes(entry.ToJsonString(OneLine))), (byte)'\n'];

    /// <summary>The same of a file where every line has its seal.</summary>
    /// <param name="what">What a line is.</param>
    /// <param name="mend">What to do about one that has not.</param>
    /// <exception cref="UserException">One is damaged: it is named, and the file stays as it is.</exception>
    public static IEnumerable<(int Number, JsonObject Entry)> ReadSealed(string path, string what, string mend)
    {
        foreach (var line in Read(path))
            yield return line.IsSealed
                ? (line.Number, line.Entry!)
                : throw new UserException($"{path}, line {line.Number}: not {what}, or damaged; {mend}");
    }

    /// <summary>Names lines of a file that are damaged; one that an earlier version wrote may be so in all of them.</summary>
    public static string Damaged(string path, IReadOnlyList<int> lines) =>
        FormattableString.Invariant(
            $"{path}, line {lines[0]}{(lines.Count > 1 ? $" and {lines.Count - 1:N0} more" : "")}: damaged, or without the seal that each line is written with");

    /// <summary>
    /// Where the last whole line of an open file ends: before half a last line, and a byte behind the file where a whole one lacks but its
    /// end.
    /// </summary>
    internal static long EndOfWholeLines(FileStream file)
    {
        if (EndsALine(file)) return file.Length;
        file.Seek(0, SeekOrigin.Begin);
        return Read(file.Name, file).Sum(line => line.Bytes.Length + 1L);
    }

    /// <summary>Whether the file ends with a line's end, or is empty.</summary>
    private static bool EndsALine(FileStream file)
    {
        if (file.Length == 0) return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonText.Object(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static GrowingFile OpenAlone(string path)
    {
        for (var until = DateTime.UtcNow + Patience; ; Thread.Sleep(20))
        {
            try
            {
                return GrowingFile.Open(path, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && DateTime.UtcNow < until)
            {
                // Another process is adding its line.
            }
        }
    }
}
