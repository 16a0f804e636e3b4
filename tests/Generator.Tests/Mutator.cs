using System.Text.RegularExpressions;

namespace DataSsl.Generator.Tests;

/// <summary>
/// Damages a text: tokens, lines or single characters deleted, doubled, swapped or replaced by what is known to be awkward.
/// </summary>
internal sealed partial class Mutator(int seed)
{
    private static readonly string[] Awkward =
    [
        "", "0", "-1", "1e9", "2147483647", "99999999999999999999", "0x10", "~", "null", "true", "''", "\"", "'", "{", "}", "[", "]", ":",
        "- ", "? ", "&a", "*a", "!!str", "|", ">",
        "#", "%", "@", "\t", "\r", "\0", "\u0085", "\u2028", "\ufeff", "\ud800", "…", "<<", "---", "...", "\"\\U00110000\"", "\"\"\"",
        "Arch", "class", "stage1.width", "<=", "3-4G", "from", "depth",
    ];

    private readonly Random random = new(seed);

    public string Mutate(string text)
    {
        for (var edits = 1 + random.Next(4); edits > 0; edits--)
            text = random.Next(4) switch { 0 => Pieces(text, text.Split('\n'), "\n"), 1 => Characters(text), _ => Tokens(text) };
        return text;
    }

    private string Tokens(string text) => Pieces(text, [.. Token().Matches(text).Select(m => m.Value)], "");

    private string Pieces(string text, string[] pieces, string glue)
    {
        if (pieces.Length == 0) return text;
        var (at, other) = (random.Next(pieces.Length), random.Next(pieces.Length));
        switch (random.Next(5))
        {
            case 0: pieces[at] = ""; break;
            case 1: pieces[at] += glue + pieces[at]; break;
            case 2: (pieces[at], pieces[other]) = (pieces[other], pieces[at]); break;
            case 3: pieces[at] = Awkward[random.Next(Awkward.Length)]; break;
            default: pieces[at] += glue + pieces[other]; break;
        }
        return string.Join(glue, pieces);
    }

    private string Characters(string text)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(3) switch
        {
            0 => text[..at],
            1 => text.Insert(at, ((char)random.Next(random.Next(2) == 0 ? 128 : 65536)).ToString()),
            _ => text.Remove(Math.Min(at, text.Length), Math.Min(random.Next(5), text.Length - at)),
        };
    }

    [GeneratedRegex(@"\w+|\s+|[^\w\s]")]
    private static partial Regex Token();
}
