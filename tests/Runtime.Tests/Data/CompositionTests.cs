using System.Security.Cryptography;
using System.Text;
using DataSsl.Runtime.Data;
using DataSsl.Tests;

namespace DataSsl.Runtime.Tests.Data;

public sealed class CompositionTests
{
    [Theory]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("A\u030angstro\u0308m", "\u00c5ngstr\u00f6m")]
    [InlineData("e\u0302\u0301", "\u1ebf")]
    [InlineData("\u304b\u3099", "\u304c")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")]
    [InlineData("plain", "plain")]
    [InlineData("\u0301", "\u0301")]
    [InlineData("\ud83d\ude00 x\u0301", "\ud83d\ude00 x\u0301")]
    public void Letters_and_marks_become_one(string text, string wanted) => Assert.Equal(wanted, Composition.Of(text));

    /// <summary>Every letter of the basic plane, as Python's tables take it apart.</summary>
    [Fact]
    public void All_letters_are_as_Unicode_has_them()
    {
        using var recording = Recording.Of("letters");
        var letters = recording.Text("letters").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var hangul = Hangul().ToList();
        Assert.Equal(
            recording["hangul"].bytes.ToArray(),
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(hangul.Select(line => line + '\n')))));
        Assert.InRange(letters.Length, 800, 1000);
        Assert.DoesNotContain(letters.Concat(hangul), line => Composition.Of(line[2..]) != line[..1]);
    }

    /// <summary>Syllables by the standard's arithmetic: 19 leading consonants, 21 vowels, 27 trailing consonants or none.</summary>
    private static IEnumerable<string> Hangul()
    {
        for (var syllable = 0; syllable < 19 * 21 * 28; syllable++)
        {
            var (lead, vowel, trail) = (syllable / (21 * 28), syllable / 28 % 21, syllable % 28);
            yield return $"{(char)(0xAC00 + syllable)} {(char)(0x1100 + lead)}{(char)(0x1161 + vowel)}{(trail > 0 ? (char)(0x11A7 + trail) : "")}";
        }
    }
}
