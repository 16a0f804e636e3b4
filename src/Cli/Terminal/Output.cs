using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Terminal;

/// <summary>What verbs print.</summary>
internal static class Output
{
    /// <summary>Prints one JSON object for machines.</summary>
    public static void Json(JsonObject value) => Console.Out.WriteLine(IndentedJson.Of(value));

    public static void Line(FormattableString text) => Console.Out.WriteLine(Text(text));

    /// <summary>
    /// Has what jobs say printed on the error stream, so that a verb's result can be piped. Of several processes only the first says it.
    /// </summary>
    /// <param name="isFirst">Whether this one is that.</param>
    public static void Listen(bool isFirst = true) =>
        Notices.Listener = isFirst ? line => Console.Error.WriteLine(line) : null;

    /// <summary>The refusal of a file for the first of its mistakes, which says how many more there are.</summary>
    public static UserException FirstOf<T>(IEnumerable<T> mistakes) =>
        mistakes.ToList() is [var first, .. var more]
            ? new($"{first}{(more.Count > 0 ? $" (and {more.Count} more)" : "")}")
            : throw new ArgumentException("no mistakes", nameof(mistakes));

    /// <summary>What is put into a text, such as a name, adds no line to it.</summary>
    private static string Text(FormattableString text) =>
        string.Format(
            CultureInfo.InvariantCulture, text.Format,
            Array.ConvertAll(text.GetArguments(), argument => argument is string word ? OneLine.Of(word) : argument));
}
