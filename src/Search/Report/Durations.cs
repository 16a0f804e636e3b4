using System.Globalization;

namespace DataSsl.Search.Report;

/// <summary>How the page writes times, the same in every culture.</summary>
internal static class Durations
{
    /// <summary>The two largest units: <c>1 h 12 min</c>.</summary>
    public static string Text(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Clamp(double.IsNaN(seconds) ? 0 : seconds, 0, 1e9));
        return time switch
        {
            { TotalDays: >= 1 } => $"{(int)time.TotalDays} d {time.Hours} h",
            { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} min",
            { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
            _ => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        };
    }
}
