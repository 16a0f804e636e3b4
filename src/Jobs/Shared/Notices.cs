using System.Globalization;
using DataSsl.Runtime;

namespace DataSsl.Jobs.Shared;

/// <summary>
/// What jobs say while they work: how far they have come, and what whoever asked for them should know. A program that wants to hear it
/// listens; the result does not depend on it.
/// </summary>
public static class Notices
{
    /// <summary>Who listens, a line at a time; null for nobody.</summary>
    public static Action<string>? Listener { get; set; }

    /// <summary>Says one line, in whatever culture the program runs in the same.</summary>
    public static void Tell(FormattableString text) => Listener?.Invoke(OneLine.Of(text.ToString(CultureInfo.InvariantCulture)));
}
