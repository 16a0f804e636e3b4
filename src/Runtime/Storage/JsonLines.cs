using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataSsl.Runtime.Storage;

/// <summary>One line of such a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">As they stand there, without the line's end.</param>
/// <param name="Entry">What they say; null for a line that is damaged.</param>
public sealed record JsonLine(int Number, byte[] Bytes, JsonObject? Entry);

/// <summary>A file of JSON objects, one a line, that only grows. A process that is killed may leave half of the last line, which is written anew; any other damage is somebody's to look at, and is kept.</summary>
public static class JsonLines
{
    /// <summary>How every line is written.</summary>
    public static readonly JsonSerializerOptions OneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int SealDigits = 16;
    private const int SealBytes = 9 + SealDigits + 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Far more than any line of ours has: a file of one endless line is none.</summary>
    private const int MostBytes = 1 << 26;

    /// <summary>Adds one object, whole or not at all; processes that add at the same time do so one after the other.</summary>
    /// <param name="isSealed">Whether work goes on from the line (<see cref="Sealed"/>).</param>
    /// <exception cref="IOException">The file cannot be written, or stays locked.</exception>
    public static void Append(string path, JsonObject entry, bool isSealed = false)
    {
        using var file = OpenAlone(path);
        var end = file.Length;
        try
        {
            var line = isSealed ? Sealed(entry) : Encoding.UTF8.GetBytes(entry.ToJsonString(OneLine) + "\n");
            // A line that lost its end when the machine stopped is written anew where work goes on from lines; elsewhere it stays alone with it.
            if (isSealed) MendLastLine(file);
            file.Write(EndsALine(file) ? line : [(byte)'\n', .. line]);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(end);
            throw;
        }
    }

    /// <summary>The lines of a file, but for half a last one; none where there is no file.</summary>
    /// <exception cref="UserException">A line is too long to be one.</exception>
    public static IEnumerable<JsonLine> Read(string path)
    {
        if (!File.Exists(path)) yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        foreach (var line in Read(path, file)) yield return line;
    }

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
                if (bytes.Length == MostBytes) throw new UserException($"{path}, line {number}: of more than {MostBytes >> 20} MiB: not a file of this program");
                bytes.WriteByte((byte)next);
                continue;
            }
            var line = new JsonLine(number++, bytes.ToArray(), Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
            if (next == '\n' || line.Entry is not null) yield return line;
            if (next < 0) yield break;
            bytes.SetLength(0);
        }
    }

    /// <summary>A line, its end included, with its own hash as the last member: work goes on from it, so that a digit that changed must not pass for what was measured.</summary>
    public static byte[] Sealed(JsonObject entry)
    {
        var text = Encoding.UTF8.GetBytes(entry.ToJsonString(OneLine));
        return [.. text.AsSpan(0, text.Length - 1), .. Seal(text), (byte)'\n'];
    }

    /// <summary>The same of a file where every line has its seal.</summary>
    /// <param name="what">What a line is.</param>
    /// <param name="mend">What to do about one that has not.</param>
    /// <exception cref="UserException">One is damaged: it is named, and the file stays as it is.</exception>
    public static IEnumerable<(int Number, JsonObject Entry)> ReadSealed(string path, string what, string mend)
    {
        foreach (var line in Read(path))
            yield return line.Entry is { } entry && HasSeal(line.Bytes) ? (line.Number, entry) : throw new UserException($"{path}, line {line.Number}: not {what}, or damaged; {mend}");
    }

    private static bool HasSeal(ReadOnlySpan<byte> line)
    {
        byte[] text = [.. line[..Math.Max(0, line.Length - SealBytes)], (byte)'}'];
        return line.EndsWith(Seal(text));
    }

    /// <summary>What takes the place of the last brace of an object.</summary>
    private static byte[] Seal(ReadOnlySpan<byte> text) => Encoding.UTF8.GetBytes(",\"seal\":\"" + Convert.ToHexStringLower(SHA256.HashData(text))[..SealDigits] + "\"}");

    /// <summary>Half a last line goes; a whole one that lacks but its end gets it. The file is left at its end.</summary>
    public static void MendLastLine(FileStream file)
    {
        if (EndsALine(file)) return;
        file.Seek(0, SeekOrigin.Begin);
        var end = Read(file.Name, file).Sum(line => line.Bytes.Length + 1L);
        if (end <= file.Length) file.SetLength(end);
        file.Seek(0, SeekOrigin.End);
        if (end > file.Length) file.WriteByte((byte)'\n');
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
