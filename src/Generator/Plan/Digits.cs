using System.Globalization;

namespace DataSsl.Generator.Plan;

/// <summary>Whole numbers as text, in every culture the same.</summary>
internal static class Digits
{
    /// <summary>A number as C#, YAML and state-dict keys write it.</summary>
    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);
}
