using System.Text;
using System.Text.RegularExpressions;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Fuzz;

/// <summary>
/// A damaged copy of a file, the same for the same seed: bits turned, ranges cut, doubled, zeroed or put elsewhere, lines doubled, and
/// numbers and quoted words of its text changed for such as break arithmetic and parsers.
/// </summary>
internal static partial class Mutation
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "3", "0.5", "-0.0", "1e9", "1e308", "1e400", "NaN", "Infinity", "null", "true", "[]", "{}", "\"\"", "0,05", "007",
        "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    ];

    private static readonly string[] Words =
    [
        "", " ", "a", "\\u0000", "\\ud800", "\u200b", "\n", "..", "/", "'", "float32", "min", "max", "\u00e9", "e\u0301", "1",
    ];

    /// <summary>How many mutations a test tries: few beside the other tests, as many as DATASSL_FUZZ says in a long run.</summary>
    public static int Rounds(int few) => int.TryParse(Environment.GetEnvironmentVariable("DATASSL_FUZZ"), out var many) ? many : few;

    /// <summary>The first mutation of files that take long to try: 0, or where DATASSL_FUZZ_FROM says that a long run goes on.</summary>
    public static int First => int.TryParse(Environment.GetEnvironmentVariable("DATASSL_FUZZ_FROM"), out var first) ? first : 0;

    public static byte[] Of(byte[] original, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "mutation");
        var bytes = original;
        for (var left = 1 + (int)random.Below(3); left > 0; left--) bytes = Once(bytes, ref random);
        return bytes;
    }

    /// <summary>A damage that whoever made it has sealed: what the content says is then all that can be wrong with it.</summary>
    /// <param name="original">A sealed object or, in a file of lines, one a line.</param>
    /// <param name="lines">Whether it is such a file.</param>
    /// <param name="seed">Of the damage; every other is of a number or a word, which leaves JSON.</param>
    public static byte[] Sealed(byte[] original, bool lines, int seed)
    {
        var text = Each(original, part => SealedJson.Remove(part)!);
        var damaged = seed % 2 == 0 ? Of(text, seed) : Value(text, seed);
        return Each(damaged, part => part is [.., (byte)'}'] ? SealedJson.Add(part) : part);

        byte[] Each(byte[] file, Func<byte[], byte[]> change) =>
            Encoding.Latin1.GetBytes(
                string.Join(
                    '\n',
                    (lines ? Latin(file).Split('\n') : [Latin(file).TrimEnd('\n'), ""])
                        .Select(part => part.Length == 0 ? "" : Latin(change(Encoding.Latin1.GetBytes(part))))));
    }

    /// <summary>A number or a quoted word changed.</summary>
    public static byte[] Value(byte[] text, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "value");
        return (int)random.Below(2) == 0 ? Replaced(text, Number(), Numbers[(int)random.Below(Numbers.Length)], ref random)
            : Replaced(text, Quoted(), $"\"{Words[(int)random.Below(Words.Length)]}\"", ref random);
    }

    private static byte[] Once(byte[] bytes, ref CounterRandom random)
    {
        if (bytes.Length == 0) return [(byte)(int)random.Below(256)];
        // The first bytes of a file say the most: half the places are there.
        var near = (int)random.Below(2) == 0 ? Math.Min(bytes.Length, 512) : bytes.Length;
        var at = (int)random.Below(near);
        var length = 1 + (int)random.Below(Math.Min(bytes.Length - at, (int)random.Below(2) == 0 ? 8 : 4096));
        switch ((int)random.Below(11))
        {
            case 0 or 1: return With(bytes, at, [(byte)(bytes[at] ^ (1 << (int)random.Below(8)))]);
            case 2: return With(bytes, at, [(int)random.Below(3) switch { 0 => 0, 1 => 255, _ => (byte)(int)random.Below(256) }]);
            case 3: return bytes[..at];
            case 4: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5: return [.. bytes[..(at + length)], .. bytes[at..]];
            case 6: return With(bytes, at, new byte[length]);
            case 7: return [.. bytes, .. bytes[at..(at + length)]];
            case 8: return Replaced(bytes, Number(), Numbers[(int)random.Below(Numbers.Length)], ref random);
            case 9: return Replaced(bytes, Quoted(), $"\"{Words[(int)random.Below(Words.Length)]}\"", ref random);
            default:
                var lines = Latin(bytes).Split('\n');
                var line = (int)random.Below(lines.Length);
                return Encoding.Latin1.GetBytes(
                    string.Join('\n', [.. lines[..line], lines[(int)random.Below(lines.Length)], .. lines[line..]]));
        }
    }

    private static byte[] With(byte[] bytes, int at, byte[] part) => [.. bytes[..at], .. part, .. bytes[(at + part.Length)..]];

    /// <summary>One match of a pattern, of the file's first mebibyte, replaced; a file without one stays as it is.</summary>
    private static byte[] Replaced(byte[] bytes, Regex pattern, string by, ref CounterRandom random)
    {
        var head = Math.Min(bytes.Length, 1 << 20);
        var matches = pattern.Matches(Latin(bytes[..head]));
        if (matches.Count == 0) return bytes;
        var match = matches[(int)random.Below(matches.Count)];
        return [.. bytes[..match.Index], .. Encoding.UTF8.GetBytes(by), .. bytes[(match.Index + match.Length)..]];
    }

    /// <summary>A character a byte, whatever the bytes are.</summary>
    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex("\"[^\"\\n]*\"")]
    private static partial Regex Quoted();
}
