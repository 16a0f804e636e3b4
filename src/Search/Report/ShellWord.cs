namespace DataSsl.Search.Report;

/// <summary>Text as one word of a shell's command line.</summary>
public static class ShellWord
{
    /// <summary>
    /// The text itself where it is plain, in single quotes otherwise; where it holds control characters, which would break the line, in
    /// bash's quotes with escapes.
    /// </summary>
    public static string Of(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./,=:+@%".Contains(c)) ? text
        : text.Any(char.IsControl) ? $"$'{string.Concat(text.Select(Escaped))}'"
        : $"'{text.Replace("'", @"'\''")}'";

    private static string Escaped(char c) => c switch
    {
        '\'' or '\\' => $"\\{c}",
        '\n' => "\\n",
        _ when char.IsControl(c) => FormattableString.Invariant($"\\u{(int)c:x4}"),
        _ => c.ToString(),
    };
}
