using System.Text;
using DataSsl.Runtime.Data;

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

    /// <summary>Every letter of the basic plane, taken apart by Python.</summary>
    [SkippableFact]
    public void All_letters_are_as_Unicode_has_them()
    {
        using var folder = new TemporaryFolder();
        Peer.Run("""
            import unicodedata
            letters = [chr(c) for c in range(0x80, 0x10000) if not 0xD800 <= c < 0xE000]
            letters = [c for c in letters if unicodedata.normalize('NFC', c) == c and unicodedata.normalize('NFD', c) != c and len(unicodedata.normalize('NFD', c)) <= 3]
            open('letters.txt', 'w', encoding='utf-8', newline='\n').write(''.join(f"{c} {unicodedata.normalize('NFD', c)}\n" for c in letters))
            """, folder.Path);
        var lines = File.ReadAllLines(folder["letters.txt"], Encoding.UTF8);
        Assert.InRange(lines.Length, 12_000, 13_000);
        Assert.DoesNotContain(lines, line => Composition.Of(line[2..]) != line[..1]);
    }
}
