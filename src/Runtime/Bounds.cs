using System.Globalization;
using System.Numerics;

namespace DataSsl.Runtime;

/// <summary>
/// The numbers that a setting takes. Declared once, beside what they are of: the command line, files, messages and help all read it there.
/// </summary>
/// <param name="From">The least.</param>
/// <param name="To">The most.</param>
public sealed record Bounds<T>(T From, T To) where T : struct, INumber<T>, IMinMaxValue<T>
{
    /// <summary>More digits than any number needs are a mistake.</summary>
    private const int MostCharacters = 64;

    private static readonly bool isWhole = T.IsZero(T.One / (T.One + T.One));

    /// <summary>Whether the least itself is left out.</summary>
    public bool IsAbove { get; init; }

    /// <summary>Whether the most itself is left out.</summary>
    public bool IsBelow { get; init; }

    /// <summary>Why no other; null where that needs no words.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a number is among them; NaN and infinities never are.</summary>
    public bool Holds(T value) => T.IsFinite(value) && (IsAbove ? value > From : value >= From) && (IsBelow ? value < To : value <= To);

    /// <summary>What is wrong with a number, as <c>name value: mend</c>; null where nothing is.</summary>
    public string? Problem(string name, T value) => Holds(value) ? null : Refusal(name, value.ToString(null, CultureInfo.InvariantCulture));

    /// <summary>The words for a text that is no such number.</summary>
    public string Refusal(string name, string text) => $"{name} {text}: give {this}{(Reason is null ? "" : $"; {Reason}")}";

    /// <summary>
    /// Reads a number as programs write it: digits, a sign, a point, an exponent, and nothing else. A comma, which some write for a point
    /// and some between thousands, is refused.
    /// </summary>
    public bool TryRead(string text, out T value)
    {
        var style = isWhole
            ? NumberStyles.AllowLeadingSign
            : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        // The parser itself lets zero characters, NaN and infinities through.
        value = T.Zero;
        return text.Length <= MostCharacters && text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E')
            && T.TryParse(text, style, CultureInfo.InvariantCulture, out value) && Holds(value);
    }

    /// <summary>In words: <c>a whole number from 1 to 1024</c>, <c>a number above 0 and up to 1000</c>.</summary>
    public override string ToString()
    {
        var kind = isWhole ? "a whole number" : "a number";
        if (From == T.MinValue && To == T.MaxValue) return kind;
        var (low, high) = (From.ToString(null, CultureInfo.InvariantCulture), To.ToString(null, CultureInfo.InvariantCulture));
        return (IsAbove, IsBelow) switch
        {
            (true, true) => $"{kind} above {low} and below {high}",
            (true, false) => $"{kind} above {low} and up to {high}",
            (false, true) => $"{kind} from {low} to below {high}",
            _ => $"{kind} from {low} to {high}",
        };
    }
}
