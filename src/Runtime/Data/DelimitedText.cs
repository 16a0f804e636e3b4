using System.Text;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Records of fields with tabs between them, or commas where a record has no tab, as RFC 4180 has them: a field in double quotes may hold
/// separators, ends of lines and, doubled, quotes. A field without is what it says; blanks about it do not count, nor do empty lines.
/// </summary>
internal static class DelimitedText
{
    /// <summary>A field as it is read, and whether it was in quotes.</summary>
    public readonly record struct Field(string Text, bool IsQuoted);

    /// <summary>A record and the line that it begins on.</summary>
    /// <param name="Line">From 1 on.</param>
    /// <param name="Fields">At least one.</param>
    /// <param name="Head">All before the last separator, as it stands there; empty where there is one field.</param>
    public sealed record Record(int Line, IReadOnlyList<Field> Fields, string Head);

    /// <summary>All records.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="text">Its text.</param>
    /// <param name="quotes">Whether quotes mean anything: in plain lists a name may begin with one.</param>
    /// <exception cref="UserException">A quote has no end, or something stands behind it.</exception>
    public static IEnumerable<Record> Read(string path, string text, bool quotes)
    {
        var line = 1;
        for (var at = 0; at < text.Length;)
        {
            var (first, start) = (line, at);
            var separator = HasTab(text, at, quotes) ? '\t' : ',';
            var fields = new List<Field>();
            var last = start;
            do
            {
                if (fields.Count > 0) last = at - 1;
                fields.Add(Next(text, ref at, ref line, separator, quotes, fault => new UserException($"{path}:{first}: {fault}")));
            }
            while (at < text.Length && text[at++] == separator);
            // Behind the field stood the end of the line, of one sign or two.
            if (at <= text.Length && at > start && text[at - 1] == '\r' && at < text.Length && text[at] == '\n') at++;
            line++;
            if (fields.Count > 1 || fields[0].Text.Length > 0) yield return new(first, fields, text[start..last].Trim());
        }
    }

    private static Field Next(string text, ref int at, ref int line, char separator, bool quotes, Func<string, UserException> refuse)
    {
        while (at < text.Length && text[at] != separator && text[at] is ' ' or '\t') at++;
        if (!quotes || at == text.Length || text[at] != '"')
        {
            var from = at;
            while (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r')) at++;
            return new(text[from..at].Trim(), IsQuoted: false);
        }
        var field = new StringBuilder();
        for (at++; ; at++)
        {
            if (at >= text.Length) throw refuse("a quote that is not closed; double a quote that belongs to the name");
            if (text[at] == '\n') line++;
            if (text[at] != '"') field.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"') field.Append(text[at++]);
            else break;
        }
        at++;
        while (at < text.Length && text[at] != separator && text[at] is ' ' or '\t') at++;
        if (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r'))
            throw refuse("something stands behind a closing quote; double a quote that belongs to the name");
        return new(field.ToString(), IsQuoted: true);
    }

    /// <summary>Whether a record has a tab outside quotes.</summary>
    private static bool HasTab(string text, int at, bool quotes)
    {
        for (var quoted = false; at < text.Length; at++)
        {
            if (quotes && text[at] == '"') quoted = !quoted;
            else if (!quoted && text[at] is '\n' or '\r') return false;
            else if (!quoted && text[at] == '\t') return true;
        }
        return false;
    }
}
