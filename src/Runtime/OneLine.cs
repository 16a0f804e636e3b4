using System.Globalization;
using System.Text;

namespace DataSsl.Runtime;

/// <summary>
/// Text that stays on its line, whatever names of files are in it: a name may hold ends of lines, a terminal's commands, or marks that turn
/// what is read round.
/// </summary>
public static class OneLine
{
    /// <summary>The text with such signs spelt out, as <c>\n</c> or <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        if (!text.Any(Acts)) return text;
        var line = new StringBuilder(text.Length + 16);
        foreach (var sign in text)
        {
            if (!Acts(sign)) line.Append(sign);
            else
                line.Append(
                    sign switch
                    {
                        '\n' => @"\n",
                        '\r' => @"\r",
                        '\t' => @"\t",
                        _ => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)sign:x4}"),
                    });
        }
        return line.ToString();
    }

    private static bool Acts(char sign) =>
        char.IsControl(sign) || char.GetUnicodeCategory(sign) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || sign is '\u200e' or '\u200f' or '\ufeff' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
