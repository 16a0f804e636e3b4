using System.Globalization;

namespace DataSsl.Jobs.Shared;

/// <summary>Numbers and times in words, the same wherever a line has them.</summary>
internal static class Wording
{
    /// <summary>A number as commands and recipes write it.</summary>
    public static string Number<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>How many of something: <c>1 image</c>, <c>1,200 images</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary><c>1h02m</c>, <c>2m10s</c> or <c>45s</c>.</summary>
    public static string Short(TimeSpan time) =>
        time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h{time.Minutes:00}m")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{time.Seconds:00}s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s");
}
