using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataSsl.Runtime;

namespace DataSsl.Cli.Terminal;

/// <summary>What verbs print, and where they may write.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints one JSON object for machines.</summary>
    public static void Json(JsonObject value) => Console.Out.WriteLine(Text(value));

    /// <summary>One JSON object as <see cref="Json"/> prints it.</summary>
    public static string Text(JsonObject value) => value.ToJsonString(Indented);

    public static void Line(FormattableString text) => Console.Out.WriteLine(Text(text));

    /// <summary>A number as commands and recipes write it.</summary>
    public static string Number<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>How many of something: <c>1 image</c>, <c>1,200 images</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary>Whether progress is kept quiet: of several processes only the first tells it.</summary>
    public static bool IsSilent { get; set; }

    /// <summary>Progress goes to the error stream, so that a verb's result can be piped.</summary>
    public static void Progress(FormattableString text)
    {
        if (!IsSilent) Console.Error.WriteLine(OneLine.Of(text.ToString(CultureInfo.InvariantCulture)));
    }

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

    /// <summary>Creates a folder and makes sure that it can be written to; a <see cref="UserException"/> otherwise.</summary>
    public static string Folder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            // New, under a name that nobody foresees: a link in its place would be followed.
            new FileStream(
                    Path.Combine(path, $".datassl-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1,
                    FileOptions.DeleteOnClose)
                .Dispose();
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path}: cannot write there ({e.Message}); give another --out", e);
        }
    }

    /// <summary><c>1h02m</c>, <c>2m10s</c> or <c>45s</c>.</summary>
    public static string Short(TimeSpan time) =>
        time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h{time.Minutes:00}m")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{time.Seconds:00}s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s");
}
