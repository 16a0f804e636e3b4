using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataSsl.Runtime.Storage;

/// <summary>
/// JSON of this program's own: the last member of the object, <c>seal</c>, is a hash of all before it, so that a digit that changed does
/// not pass for what was measured. It is a seal against damage, not against people: whoever may write the file can write a seal.
/// </summary>
public static class SealedJson
{
    internal const string Key = "seal";
    private const int Digits = 16;

    /// <summary>Bytes of the largest object that is read whole.</summary>
    private const long MostBytes = 1L << 29;

    private static readonly int onOneLine = Member("}"u8).Length, indented = Member("\n}"u8).Length;

    private const string Mended = "it was changed after it was written, or comes from an earlier version, which wrote no seal";

    /// <summary>Writes an object, indented or on one line, with its seal; whole or not at all.</summary>
    public static void Write(string path, string json) =>
        AtomicFile.Write(path, file => file.Write([.. Add(Encoding.UTF8.GetBytes(json)), (byte)'\n']));

    /// <summary>Reads an object that <see cref="Write"/> wrote.</summary>
    /// <param name="missing">What to say of a file that is not there.</param>
    /// <param name="what">What the file is, as in "a search result".</param>
    /// <param name="mend">What to do about one that is damaged.</param>
    /// <param name="parse">Makes something of the object's text; a <see cref="JsonException"/> says that it is none.</param>
    /// <exception cref="UserException">There is none, it is no such object, or it does not have its seal.</exception>
    public static T Read<T>(string path, string missing, string what, string mend, Func<byte[], T> parse)
    {
        var bytes = RegularFile.ReadBytes(path, MostBytes, missing);
        var text = bytes is [.., (byte)'\n'] ? Remove(bytes.AsSpan(0, bytes.Length - 1)) : null;
        try
        {
            // What is wrong with its content says more than that something is.
            var read = parse(text ?? bytes);
            return text is not null ? read : throw new UserException($"{path}: does not have the seal of {what}: {Mended}; {mend}");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            var place = e is JsonException { LineNumber: { } line } ? FormattableString.Invariant($", line {line + 1}") : "";
            throw new UserException($"{path}{place}: not {what} ({e.Message.Split(" Path:")[0].TrimEnd('.')}); {mend}", e);
        }
    }

    /// <summary>The text of an object with its seal.</summary>
    public static byte[] Add(ReadOnlySpan<byte> text) => [.. text[..^End(text).Length], .. Member(text)];

    /// <summary>The text of an object as it was sealed; null where its seal is missing, or another's.</summary>
    public static byte[]? Remove(ReadOnlySpan<byte> sealedText)
    {
        var end = End(sealedText);
        var length = end.Length == 1 ? onOneLine : indented;
        if (sealedText.Length <= length) return null;
        byte[] text = [.. sealedText[..^length], .. end];
        return sealedText.EndsWith(Member(text)) ? text : null;
    }

    /// <summary>An object's last brace, on a line of its own in one that is indented.</summary>
    private static ReadOnlySpan<byte> End(ReadOnlySpan<byte> text) => text.EndsWith("\n}"u8) ? "\n}"u8 : "}"u8;

    /// <summary>What takes the place of the last brace of an object.</summary>
    private static byte[] Member(ReadOnlySpan<byte> text)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(text))[..Digits];
        return Encoding.UTF8.GetBytes(End(text).Length == 1 ? $",\"{Key}\":\"{hash}\"}}" : $",\n  \"{Key}\": \"{hash}\"\n}}");
    }
}
