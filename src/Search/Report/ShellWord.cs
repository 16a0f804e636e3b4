namespace DataSsl.Search.Report;

/// <summary>Text as one word of a shell's command line.</summary>
public static class ShellWord
{
    /// <summary>The text itself where it is plain, in single quotes otherwise.</summary>
    public static string Of(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./,=:+@%".Contains(c)) ? text : $"'{text.Replace("'", @"'\''")}'";
}
